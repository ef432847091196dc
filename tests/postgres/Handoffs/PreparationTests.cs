using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.Postgres.Statements;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>What becomes of statements that the server has planned once for a connection.</summary>
public sealed class PreparationTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private const int Often = 12;

    private static readonly StatusMove<HandoffStatus> ToSent = HandoffDatabase.MoveTo(HandoffStatus.Sent);

    [PostgresFact]
    public async Task One_row_after_the_other_is_planned_once_and_a_batch_each_time()
    {
        List<Guid> ids = await Database.InsertAsync(Often);
        // One call, so that the table is looked at once.
        CallContext call = HandoffDatabase.Context;
        List<Guid> many = await Database.InsertAsync(Often);
        await using var proxy = new TcpProxy(Database.Settings);
        await using var far = await Database.OpenAsync(proxy);
        for (int i = 0; i < Often; i += 2)
        {
            await ChangeAsync(ToSent, [HandoffDatabase.Of(many[i]), HandoffDatabase.Of(many[i + 1])], call, far.Handoffs);
        }

        int before = proxy.RoundTrips;
        foreach (Guid id in ids)
        {
            Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(ToSent, [HandoffDatabase.Of(id)], call, far.Handoffs)).Kind);
        }

        // Two more than there are rows: whether the connection is the server's own, and the plan. Batches are not worth it.
        Assert.Equal(Often + 2, proxy.RoundTrips - before);
    }

    [PostgresFact]
    public async Task A_column_that_changes_its_type_under_a_plan_that_is_kept_costs_nothing_but_the_plan()
    {
        List<Guid> ids = await Database.InsertAsync(2 * Often);
        foreach (Guid id in ids[..Often])
        {
            await ChangeAsync(ToSent, [HandoffDatabase.Of(id)]);
        }

        await Database.RunAsync("alter table exec_handoff_preparations alter column demo_url type varchar(900)");
        foreach (Guid id in ids[Often..])
        {
            Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(ToSent, [HandoffDatabase.Of(id)])).Kind);
        }
    }

    [PostgresFact]
    public async Task A_table_that_somebody_has_locked_is_waited_for_as_long_as_the_caller_says()
    {
        List<Guid> ids = await Database.InsertAsync(Often);
        await using (NpgsqlConnection other = await Database.ConnectAsync())
        {
            // Locked before the plan is due, and all the time.
            await using var hold = new NpgsqlCommand("begin; lock exec_handoff_preparations in access exclusive mode", other);
            await hold.ExecuteNonQueryAsync();
            foreach (Guid id in ids)
            {
                LeoException locked = await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(ToSent, [HandoffDatabase.Of(id)], Waiting(TimeSpan.FromMilliseconds(20))));
                Assert.Equal(LeoErrorId.RowLocked, locked.ErrorId);
                Assert.Contains("the table as a whole", locked.Message, StringComparison.Ordinal);
            }
        }

        foreach (Guid id in ids)
        {
            Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(ToSent, [HandoffDatabase.Of(id)])).Kind);
        }
    }

    [PostgresFact]
    public async Task Whoever_stops_while_a_plan_is_waited_for_has_changed_nothing()
    {
        List<Guid> ids = await Database.InsertAsync(Often);
        foreach (Guid id in ids[1..])
        {
            await ChangeAsync(ToSent, [HandoffDatabase.Of(id)]);
        }

        // A connection that has no plan yet, of a text that has come often enough.
        await using ILeoDatabase fresh = await Database.OpenAsync(s => s);
        CallContext call = HandoffDatabase.Context;
        await fresh.Handoffs.ChangeAsync(ToSent, [], Bulk.Each, call, CancellationToken.None).OutcomesAsync();
        await using (NpgsqlConnection other = await Database.ConnectAsync())
        {
            await using var hold = new NpgsqlCommand("begin; lock exec_handoff_preparations in access exclusive mode", other);
            await hold.ExecuteNonQueryAsync();
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fresh.Handoffs.ChangeAsync(ToSent, [HandoffDatabase.Of(ids[0])], Bulk.Each, call, stop.Token).OutcomesAsync());
        }

        Assert.Equal(HandoffStatus.Ready, (await Database.ReadAsync(ids[0])).Status);
        Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(ToSent, [HandoffDatabase.Of(ids[0])], call, fresh.Handoffs)).Kind);
    }

    [PostgresFact]
    public async Task What_could_not_be_planned_ahead_is_not_tried_each_time()
    {
        List<Guid> ids = await Database.InsertAsync(Often + 1);
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase far = await Database.OpenAsync(proxy);
        await ChangeAsync(ToSent, [HandoffDatabase.Of(ids[Often])], store: far.Handoffs);
        int before = proxy.Connections;
        await using NpgsqlConnection other = await Database.ConnectAsync();
        await using var hold = new NpgsqlCommand("begin; lock exec_handoff_preparations in access exclusive mode", other);
        await hold.ExecuteNonQueryAsync();
        foreach (Guid id in ids[..Often])
        {
            await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(ToSent, [HandoffDatabase.Of(id)], Waiting(TimeSpan.FromMilliseconds(20)), far.Handoffs));
        }

        // A cancellation is a connection: one for the update, and one for that which passes over held rows.
        Assert.Equal(2, proxy.Connections - before);
    }

    [PostgresFact]
    public async Task A_login_that_may_not_see_the_tables_changes_them_as_the_role_that_may()
    {
        const string Login = "blind_login";
        List<Guid> ids = await Database.InsertAsync(Often);
        await Database.RunAsync($"""
            create role {Login} login noinherit password '{Login}' in role service_role;
            revoke usage on schema public from public;
            grant usage on schema public to service_role;
            """);
        await using ILeoDatabase asRole = await Database.OpenAsync(s => s with { UserName = Login, Password = Login, Role = "service_role" });
        foreach (Guid id in ids)
        {
            Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(ToSent, [HandoffDatabase.Of(id)], store: asRole.Handoffs)).Kind);
        }
    }

    [PostgresFact]
    public async Task A_policy_that_changes_under_a_plan_that_is_kept_counts_at_once()
    {
        const string Policy = "create policy all_may on exec_handoff_preparations for update to authenticated using (true)";
        List<Guid> ids = await Database.InsertAsync(Often + 1);
        await Database.RunAsync(Policy);
        await using ILeoDatabase asRole = await Database.OpenAsync(s => s with { Role = "authenticated" });
        foreach (Guid id in ids[..Often])
        {
            Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(ToSent, [HandoffDatabase.Of(id)], store: asRole.Handoffs)).Kind);
        }

        await Database.RunAsync("drop policy all_may on exec_handoff_preparations");
        Assert.Equal(LeoErrorId.Forbidden, Assert.Single(await ChangeAsync(ToSent, [HandoffDatabase.Of(ids[Often])], store: asRole.Handoffs)).Error?.ErrorId);
        await Database.RunAsync(Policy);
        Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(ToSent, [HandoffDatabase.Of(ids[Often])], store: asRole.Handoffs)).Kind);
    }

    [PostgresFact]
    public async Task A_table_that_is_made_again_is_the_one_that_is_changed()
    {
        List<Guid> ids = await Database.InsertAsync(2 * Often);
        foreach (Guid id in ids[..Often])
        {
            await ChangeAsync(ToSent, [HandoffDatabase.Of(id)]);
        }

        await Database.RunAsync("""
            alter table exec_handoff_preparations rename to before;
            create table exec_handoff_preparations (like before including all);
            insert into exec_handoff_preparations select * from before;
            drop table before cascade;
            """);
        foreach (Guid id in ids[Often..])
        {
            Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(ToSent, [HandoffDatabase.Of(id)])).Kind);
        }

        Assert.Equal(2L * Often, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'sent'"));
    }

    [PostgresFact]
    public async Task A_plan_that_the_server_has_thrown_away_costs_nothing_but_the_plan()
    {
        List<Guid> ids = await Database.InsertAsync(2 * Often);
        await Database.RunAsync("""
            create function forget() returns trigger language plpgsql as $$ begin execute 'deallocate all'; return null; end $$;
            create trigger forget after update on exec_handoff_preparations execute function forget();
            """);
        foreach (Guid id in ids)
        {
            Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(ToSent, [HandoffDatabase.Of(id)])).Kind);
        }
    }

    [PostgresFact]
    public async Task Where_sessions_are_shared_nothing_is_prepared()
    {
        await using NpgsqlConnection connection = await Database.ConnectAsync();
        for (int i = 0; i < Often; i++)
        {
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand("select 1") } };
            await new Preparation(isDirect: false).PrepareAsync(batch, "select 1", CancellationToken.None);
            Assert.Equal(1, await batch.ExecuteScalarAsync());
        }

        await using var count = new NpgsqlCommand("select count(*) from pg_prepared_statements", connection);
        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }
}
