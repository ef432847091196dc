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

        await using (NpgsqlConnection other = await Database.ConnectAsync())
        {
            await using var hold = new NpgsqlCommand("begin; lock exec_handoff_preparations in access exclusive mode", other);
            await hold.ExecuteNonQueryAsync();
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ChangeAsync(ToSent, [HandoffDatabase.Of(ids[0])], HandoffDatabase.Context, stop.Token));
        }

        Assert.Equal(HandoffStatus.Ready, (await Database.ReadAsync(ids[0])).Status);
        Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(ToSent, [HandoffDatabase.Of(ids[0])])).Kind);
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
