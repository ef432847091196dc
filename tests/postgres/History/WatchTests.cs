using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Watching;
using Npgsql;

namespace LeoPS.PostgresTests.History;

/// <summary>What a watcher of the history gives: each change once.</summary>
public sealed class WatchTests(PostgresServer server) : HistoryTest(server)
{
    [PostgresFact]
    public async Task A_changed_handoff_comes_as_it_is_and_can_be_moved_on()
    {
        List<Guid> ids = await AddAsync(3);
        await using WatchRun<HandoffPreparation> run = await WatchAsync();

        await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(ids[1])]);

        HandoffPreparation row = Assert.Single(await run.WaitAsync(1));
        HandoffPreparation live = await Database.ReadAsync(ids[1]);
        Assert.Equal((live.Id, HandoffStatus.Sent, live.RowVersion, live.SentAt, live.SdKey), (row.Id, row.Status, row.RowVersion, row.SentAt, row.SdKey));
        Assert.Equal(OutcomeKind.Changed, (await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Accepted), [HandoffDatabase.Of(row)]))[0].Kind);
        Assert.Equal([HandoffStatus.Sent, HandoffStatus.Accepted], (await run.WaitAsync(2)).Select(r => r.Status));
    }

    [PostgresFact]
    public async Task New_rows_come_and_edits_rollbacks_what_is_deleted_and_what_was_before_do_not()
    {
        List<Guid> ids = await AddAsync(2);
        await Database.RunAsync("update exec_handoff_preparations set handoff_status = 'sent'");
        await using WatchRun<HandoffPreparation> run = await WatchAsync();

        await Database.RunAsync($"""
            update exec_handoff_preparations set demo_url = 'x';
            begin; update exec_handoff_preparations set handoff_status = 'accepted'; rollback;
            delete from exec_handoff_preparations where id = '{ids[0]}';
            begin; update exec_handoff_preparations set handoff_status = 'rejected'; delete from exec_handoff_preparations; commit;
            """);
        await run.WaitForLogAsync("gone before it could be read");
        List<Guid> added = await AddAsync(1, "preparing");

        Assert.Equal([(added[0], HandoffStatus.Preparing)], (await run.WaitAsync(1)).Select(r => (r.Id, r.Status)));
    }

    [PostgresFact]
    public async Task Changes_that_others_have_followed_come_too_and_no_guard_lets_them_through()
    {
        Guid id = (await AddAsync(1))[0];
        await using WatchRun<HandoffPreparation> run = await WatchAsync();

        await Database.RunAsync("""
            begin;
            update exec_handoff_preparations set handoff_status = 'sent';
            update exec_handoff_preparations set handoff_status = 'rejected';
            update exec_handoff_preparations set handoff_status = 'preparing';
            commit;
            """);

        IReadOnlyList<HandoffPreparation> rows = await run.WaitAsync(3);
        Assert.Equal([HandoffStatus.Sent, HandoffStatus.Rejected, HandoffStatus.Preparing], rows.Select(r => r.Status));
        Assert.Equal([0u, 0u, (await Database.ReadAsync(id)).RowVersion], rows.Select(r => r.RowVersion));
        SingleFailure(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Accepted), [HandoffDatabase.Of(rows[0])]), LeoErrorId.StatusConflict);
    }

    [PostgresTheory]
    [InlineData(null, "Sent,Rejected", "Sent SD-BASE-001,Sent SD-OTHER,Rejected SD-OTHER")]
    [InlineData("OTHER-*", null, "Sent SD-OTHER,Rejected SD-OTHER,Preparing SD-OTHER")]
    [InlineData("BASE-KEY", "Sent", "Sent SD-BASE-001")]
    [InlineData("nothing", null, "")]
    public async Task Only_what_the_filters_name_comes(string? sdId, string? statuses, string expected)
    {
        await AddAsync(1);
        await Database.RunAsync("""
            insert into strategic_directives_v2 select 'SD-OTHER', 'OTHER-KEY', title, status, category, priority, description, rationale, scope from strategic_directives_v2;
            insert into exec_handoff_preparations (session_id, sd_id, handoff_status, implementation_summary) select id, 'SD-OTHER', 'ready', 'x' from exec_implementation_sessions;
            """);
        var watch = new HandoffWatch { SdIds = sdId is null ? null : [sdId], Statuses = statuses?.Split(',').Select(Enum.Parse<HandoffStatus>).ToArray() };
        await using WatchRun<HandoffPreparation> run = await WatchAsync(watch);

        foreach ((string status, string sd) in (IEnumerable<(string, string)>)[("sent", "SD-BASE-001"), ("sent", "SD-OTHER"), ("rejected", "SD-OTHER"), ("preparing", "SD-OTHER")])
        {
            await Database.RunAsync($"update exec_handoff_preparations set handoff_status = '{status}' where sd_id = '{sd}'");
        }

        string[] wanted = expected.Split(',', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(wanted, (await run.WaitAsync(wanted.Length)).Select(r => $"{r.Status} {r.SdId}"));
    }

    [PostgresFact]
    public async Task What_commits_late_is_not_missed_and_does_not_hold_up_what_commits_early()
    {
        List<Guid> ids = await AddAsync(3);
        await using NpgsqlConnection early = await Database.ConnectAsync();
        await SayAsync(early, $"begin; update exec_handoff_preparations set handoff_status = 'sent' where id = '{ids[0]}'");
        await using WatchRun<HandoffPreparation> run = await WatchAsync();
        await using NpgsqlConnection late = await Database.ConnectAsync();
        await SayAsync(late, $"begin; update exec_handoff_preparations set handoff_status = 'sent' where id = '{ids[1]}'");

        await Database.RunAsync($"update exec_handoff_preparations set handoff_status = 'sent' where id = '{ids[2]}'");
        Assert.Equal([ids[2]], (await run.WaitAsync(1)).Select(r => r.Id));
        await SayAsync(late, "commit");
        Assert.Equal([ids[2], ids[1]], (await run.WaitAsync(2)).Select(r => r.Id));
        await SayAsync(early, "commit");
        Assert.Equal([ids[2], ids[1], ids[0]], (await run.WaitAsync(3)).Select(r => r.Id));
    }

    [PostgresFact]
    public async Task One_connection_is_held_and_given_back()
    {
        const string Ours = "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'LeoPS/%'";
        await AddAsync(1);
        await using ILeoDatabase database = await Database.OpenAsync(s => s);
        long before = await Database.ScalarAsync<long>(Ours);
        await using (WatchRun<HandoffPreparation> run = await WatchAsync(database: database))
        {
            await Database.RunAsync("update exec_handoff_preparations set handoff_status = 'sent'");
            await run.WaitAsync(1);
            Assert.InRange(await Database.ScalarAsync<long>(Ours) - before, 0, 1);
            Assert.Equal(1, await Database.ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and query like '%pg_current_snapshot%' and pid <> pg_backend_pid()"));
        }

        Assert.InRange(await Database.ScalarAsync<long>(Ours) - before, 0, 1);
        Assert.Equal(0, await Database.RunningAsync());
    }

    [PostgresFact]
    public async Task A_connection_that_is_ended_is_made_again_and_nothing_is_lost()
    {
        List<Guid> ids = await AddAsync(2);
        await using WatchRun<HandoffPreparation> run = await WatchAsync();
        await Database.RunAsync($"update exec_handoff_preparations set handoff_status = 'sent' where id = '{ids[0]}'");
        await run.WaitAsync(1);

        await Database.RunAsync($"""
            select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'LeoPS/%' and pid <> pg_backend_pid();
            update exec_handoff_preparations set handoff_status = 'sent' where id = '{ids[1]}';
            """);

        Assert.Equal(ids, (await run.WaitAsync(2)).Select(r => r.Id));
        await run.WaitForLogAsync("connection broke");
        await run.WaitForLogAsync("connected again");
    }

    [PostgresFact]
    public async Task One_who_takes_nothing_keeps_few_rows_in_memory_and_no_notification_in_the_server()
    {
        await AddAsync(200);
        await using WatchRun<HandoffPreparation> run = await WatchAsync(taking: false);
        foreach (int _ in Enumerable.Range(0, 15))
        {
            await Database.RunAsync("update exec_handoff_preparations set handoff_status = 'sent'; update exec_handoff_preparations set handoff_status = 'ready'");
        }

        await Task.Delay(1000);
        Assert.Equal(0d, await Database.ScalarAsync<double>("select pg_notification_queue_usage()"));
        Assert.Empty(run.Rows);

        run.Take();
        Assert.Equal(6000, (await run.WaitAsync(6000)).Count);
    }

    [PostgresFact]
    public async Task Through_a_transaction_pooler_it_looks_again_and_again_and_misses_nothing_either()
    {
        await AddAsync(5);
        // The server writes down what is asked of this database, so that a LISTEN would be seen.
        await Database.RunAsync($"alter database \"{Database.Name}\" set log_statement = 'all'");
        long before = await HeardAsync();
        await using ILeoDatabase database = await Database.OpenAsync(s => s with { PoolerMode = PoolerMode.Transaction });
        await using WatchRun<HandoffPreparation> run = await WatchAsync(database: database);

        await Database.RunAsync("update exec_handoff_preparations set handoff_status = 'sent'; update exec_handoff_preparations set handoff_status = 'accepted'");

        Assert.Equal(5, (await run.WaitAsync(10)).Count(r => r.Status == HandoffStatus.Accepted));
        Assert.Equal(before, await HeardAsync());

        await using ILeoDatabase direct = await Database.OpenAsync(s => s);
        await using WatchRun<HandoffPreparation> listening = await WatchAsync(database: direct);
        Assert.Equal(before + 1, await HeardAsync());
    }

    [PostgresFact]
    public async Task After_a_crash_a_number_that_was_given_away_before_is_new_again()
    {
        List<Guid> ids = await AddAsync(3);
        await using WatchRun<HandoffPreparation> run = await WatchAsync();
        await Database.RunAsync($"update exec_handoff_preparations set handoff_status = 'sent' where id = '{ids[0]}'");
        await run.WaitAsync(1);

        // A transaction that never committed had the number; the watcher has seen it, as one that is over.
        string entry = $"""
            insert into leops.handoff_history (row_id, changed_at, to_status, changed_by, role, transaction_id)
            select '{ids[1]}', clock_timestamp(), 'rejected', 'x', 'x', x.transaction_id from leops.handoff_history x order by x.id limit 1
            """;
        await Database.RunAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'LeoPS/%' and pid <> pg_backend_pid(); {entry}");
        await run.WaitForLogAsync("connected again");
        await Database.RunAsync($"update exec_handoff_preparations set handoff_status = 'sent' where id = '{ids[2]}'");

        Assert.Equal([ids[0], ids[1], ids[2]], (await run.WaitAsync(3)).Select(r => r.Id));
    }

    [PostgresFact]
    public async Task Entries_of_another_server_that_a_restore_brought_do_not_come()
    {
        List<Guid> ids = await AddAsync(2);
        // A dump's numbers of transactions are those of the server it came from: far ahead of this one's.
        await Database.RunAsync($"""
            insert into leops.handoff_history (row_id, changed_at, to_status, changed_by, role, transaction_id)
            values ('{ids[0]}', now(), 'sent', 'x', 'x', (pg_current_xact_id()::text::bigint + 3)::text::xid8),
                   ('{ids[0]}', now(), 'sent', 'x', 'x', '900000000000')
            """);
        await using WatchRun<HandoffPreparation> run = await WatchAsync();

        foreach (string status in (string[])["sent", "accepted", "ready", "sent", "accepted"])
        {
            await Database.RunAsync($"update exec_handoff_preparations set handoff_status = '{status}' where id = '{ids[1]}'");
        }

        AssertEach.Of(await run.WaitAsync(5), r => Assert.Equal(ids[1], r.Id));
    }

    [PostgresFact]
    public async Task A_reader_is_given_what_he_may_read()
    {
        List<Guid> ids = await AddAsync(4);
        await Database.RunAsync($"""
            drop policy exec_handoff_preparations_select on exec_handoff_preparations;
            create policy by_id on exec_handoff_preparations for select to authenticated using (id >= '{ids[2]}');
            """);
        await using ILeoDatabase database = await Database.OpenAsync(s => s with { Role = "authenticated" });
        await using WatchRun<HandoffPreparation> run = await WatchAsync(database: database);

        await Database.RunAsync("update exec_handoff_preparations set handoff_status = 'sent'");

        Assert.Equal(ids[2..], (await run.WaitAsync(2)).Select(r => r.Id).Order());
    }

    [PostgresFact]
    public async Task A_handoff_that_cannot_be_read_is_an_error_of_its_own_and_the_watch_goes_on()
    {
        List<Guid> ids = await AddAsync(2);
        await Database.RunAsync($"update exec_handoff_preparations set prepared_at = 'infinity' where id = '{ids[0]}'");
        await using WatchRun<HandoffPreparation> run = await WatchAsync();

        foreach (Guid id in ids)
        {
            await Database.RunAsync($"update exec_handoff_preparations set handoff_status = 'sent' where id = '{id}'");
        }

        await run.WaitAsync(2);
        Assert.Equal([LeoErrorId.UnreadableRow, null], run.Items.Select(i => i.Error?.ErrorId));
    }

    [PostgresFact]
    public async Task What_cannot_be_put_right_by_connecting_again_ends_the_watch()
    {
        await AddAsync(1);
        await using WatchRun<HandoffPreparation> run = await WatchAsync();

        await Database.RunAsync("alter table exec_handoff_preparations rename column id to key; notify leops_handoff");

        Assert.Equal(LeoErrorId.SchemaMissing, (await run.FailureAsync()).ErrorId);
    }

    [PostgresFact]
    public async Task Without_a_history_a_later_updated_at_is_found_and_said_to_be_all_there_is()
    {
        await using HandoffDatabase plain = await HandoffDatabase.CreateAsync(Database.Server);
        List<Guid> ids = await plain.InsertAsync(3);
        Assert.Equal(WatchBasis.Stamps, await plain.Database.HandoffFeed.FindBasisAsync(Context, CancellationToken.None));
        Assert.Equal(WatchBasis.History, await Database.Database.HandoffFeed.FindBasisAsync(Context, CancellationToken.None));
        await using WatchRun<HandoffPreparation> run = await WatchAsync(database: plain.Database);

        await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(ids[1])], store: plain.Store);
        Assert.Equal([(ids[1], HandoffStatus.Sent)], (await run.WaitAsync(1)).Select(r => (r.Id, r.Status)));
        await Task.Delay(1200);
        await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Accepted), [HandoffDatabase.Of(ids[1])], store: plain.Store);
        Assert.Equal(HandoffStatus.Accepted, (await run.WaitAsync(2))[1].Status);
    }

    /// <summary>How often this database was told to listen, as the server's log has it.</summary>
    private async Task<long> HeardAsync() =>
        await Database.ScalarAsync<long>("select count(*) from regexp_matches(pg_read_file(current_setting('data_directory') || '/../log/server.log'), 'listen leops_hando[f]f', 'g')");

    private static async Task SayAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
