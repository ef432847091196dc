using LeoPS.History;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.History;

/// <summary>Which changes a reading gives, and in which order.</summary>
[Trait("Category", "Core")]
public sealed class HistoryReadTests(PostgresServer server) : HistoryTest(server)
{
    [PostgresFact]
    public async Task The_newest_comes_first_and_First_cuts_behind_it()
    {
        List<Guid> ids = await AddAsync(3, "preparing");
        foreach (string status in (string[])["ready", "sent", "rejected"])
        {
            await Database.RunAsync($"update exec_handoff_preparations set handoff_status = '{status}'");
        }

        List<HandoffHistoryEntry> all = await ReadAsync();
        Assert.Equal(12, all.Count);
        Assert.Equal(["Sent → Rejected", "Ready → Sent", "Preparing → Ready", "→ Preparing"], all.Select(Move).Distinct());
        Assert.Equal(all.OrderByDescending(e => e.ChangedAt).ThenByDescending(e => e.EntryId).Select(e => e.EntryId), all.Select(e => e.EntryId));
        Assert.Equal(all.Take(5).Select(e => e.EntryId), (await ReadAsync(new HandoffHistoryQuery { First = 5 })).Select(e => e.EntryId));
        Assert.Empty(await ReadAsync(new HandoffHistoryQuery { First = 0 }));
        Assert.Equal(4, (await ReadAsync(new HandoffHistoryQuery { Ids = [ids[1]] })).Count);
    }

    [PostgresFact]
    public async Task After_and_Before_leave_neither_gap_nor_overlap()
    {
        await AddAsync(2);
        await Database.RunAsync("update exec_handoff_preparations set handoff_status = 'sent'");
        DateTimeOffset moment = (await ReadAsync())[0].ChangedAt;

        Assert.Equal(["Ready → Sent", "Ready → Sent"], (await ReadAsync(new HandoffHistoryQuery { After = moment })).Select(Move));
        Assert.Equal(["→ Ready", "→ Ready"], (await ReadAsync(new HandoffHistoryQuery { Before = moment.ToOffset(TimeSpan.FromHours(5)) })).Select(Move));
        Assert.Empty(await ReadAsync(new HandoffHistoryQuery { After = moment, Before = moment }));
    }

    [PostgresTheory]
    [InlineData("BASE-KEY", 2)]
    [InlineData("SD-BASE-001", 2)]
    [InlineData("base-*", 2)]
    [InlineData("SD-OTHER", 2)]
    [InlineData("SD-[BO]*", 4)]
    [InlineData("nothing", 0)]
    public async Task SDs_are_found_by_id_key_and_wildcards_and_deleted_handoffs_by_the_id_they_had(string sdId, int found)
    {
        await AddAsync(2);
        await Database.RunAsync("""
            insert into strategic_directives_v2 select 'SD-OTHER', 'OTHER-KEY', title, status, category, priority, description, rationale, scope from strategic_directives_v2;
            insert into exec_handoff_preparations (session_id, sd_id, implementation_summary) select id, 'SD-OTHER', 'x' from exec_implementation_sessions;
            delete from strategic_directives_v2 where id = 'SD-OTHER';
            """);

        Assert.Equal(found, (await ReadAsync(new HandoffHistoryQuery { SdIds = [sdId] })).Count);
    }

    [PostgresTheory]
    [InlineData(PoolerMode.Session)]
    [InlineData(PoolerMode.Transaction)]
    public async Task Many_changes_come_all_and_once_in_one_statement_and_in_pages(PoolerMode mode)
    {
        await AddAsync(2500);
        await Database.RunAsync("update exec_handoff_preparations set handoff_status = 'sent'");
        await using ILeoDatabase database = await Database.OpenAsync(s => s with { PoolerMode = mode });

        List<HandoffHistoryEntry> entries = await ReadAsync(database: database);

        Assert.Equal(5000, entries.Select(e => e.EntryId).Distinct().Count());
        Assert.Equal(entries.OrderByDescending(e => e.ChangedAt).ThenByDescending(e => e.EntryId).Select(e => e.EntryId), entries.Select(e => e.EntryId));
        Assert.Equal(3100, (await ReadAsync(new HandoffHistoryQuery { First = 3100 }, database)).Count);
    }

    [PostgresFact]
    public async Task A_status_that_LeoPS_does_not_know_is_told_and_the_others_are_read()
    {
        List<Guid> ids = await AddAsync(2);
        await Database.RunAsync($"""
            alter table exec_handoff_preparations drop constraint exec_handoff_preparations_handoff_status_check;
            update exec_handoff_preparations set handoff_status = 'parked' where id = '{ids[0]}';
            """);

        var items = await ReadItemsAsync();

        Assert.Equal(3, items.Count);
        Assert.Equal((ids[0], LeoErrorId.UnreadableRow), (items[0].Row.Id, items[0].Error!.ErrorId));
        Assert.Contains("to_status", items[0].Error!.Message, StringComparison.Ordinal);
        AssertEach.Of(items.Skip(1), i => Assert.Null(i.Error));
    }

    [PostgresFact]
    public async Task Ids_that_no_handoff_has_are_told_from_those_without_a_change()
    {
        Guid quiet = (await Database.InsertAsync(1))[0];
        Guid never = Guid.NewGuid();

        Assert.Equal([never], await Database.Database.HandoffHistory.FindUnknownAsync([quiet, never], Context, CancellationToken.None));
    }

    [PostgresFact]
    public async Task Without_a_history_it_is_HistoryMissing_and_with_another_table_missing_SchemaMissing()
    {
        await using HandoffDatabase plain = await HandoffDatabase.CreateAsync(Database.Server);
        Assert.Equal(LeoErrorId.HistoryMissing, (await Assert.ThrowsAsync<LeoException>(() => ReadAsync(database: plain.Database))).ErrorId);
        await using (ILeoTransaction transaction = await plain.Database.BeginAsync(CancellationToken.None))
        {
            Assert.Equal(LeoErrorId.HistoryMissing, (await Assert.ThrowsAsync<LeoException>(() => ReadAsync(database: transaction.Database))).ErrorId);
            Assert.Equal(0, await transaction.Database.Handoffs.CountAsync(new(), Context, CancellationToken.None));
        }

        await Database.RunAsync("drop table strategic_directives_v2 cascade");
        Assert.Equal(LeoErrorId.SchemaMissing, (await Assert.ThrowsAsync<LeoException>(() => ReadAsync())).ErrorId);
    }

    [PostgresFact]
    public async Task Ten_thousand_rows_in_a_statement_cost_no_more_after_a_session_that_began_with_one()
    {
        await Database.InsertAsync(10_001);
        // The plan of the first statement is kept for the session: one made for a single row must do for many.
        await Database.RunAsync("""
            update exec_handoff_preparations set handoff_status = 'sent' where id = (select id from exec_handoff_preparations limit 1);
            set statement_timeout = '10s';
            update exec_handoff_preparations set handoff_status = 'sent' where handoff_status = 'ready';
            update exec_handoff_preparations set handoff_status = 'accepted';
            """);

        Assert.Equal(20_002, await Database.ScalarAsync<long>("select count(*) from leops.handoff_history"));
        Assert.Equal(3, await Database.ScalarAsync<long>("select count(distinct changed_at) from leops.handoff_history"));
    }

    [PostgresFact]
    public async Task Two_writers_at_once_leave_for_each_row_a_chain_without_a_break()
    {
        List<Guid> ids = await AddAsync(200);
        (HandoffStatus, HandoffStatus)[] turns = [(HandoffStatus.Preparing, HandoffStatus.Ready), (HandoffStatus.Sent, HandoffStatus.Rejected)];

        await Task.WhenAll(turns.Select(async turn =>
        {
            for (int i = 0; i < 10; i++)
            {
                await ChangeAsync(HandoffDatabase.MoveTo(turn.Item1, force: true, reason: "a"), ids.Select(HandoffDatabase.Of));
                await ChangeAsync(HandoffDatabase.MoveTo(turn.Item2, force: true, reason: "b"), ids.Select(HandoffDatabase.Of));
            }
        }));

        Dictionary<Guid, HandoffStatus> now = (await Database.ReadAsync()).ToDictionary(r => r.Id, r => r.Status);
        foreach (IGrouping<Guid, HandoffHistoryEntry> row in (await ReadAsync()).GroupBy(e => e.Id))
        {
            HandoffHistoryEntry[] chain = [.. row];
            Assert.Equal(now[row.Key], chain[0].To);
            Assert.Null(chain[^1].From);
            AssertEach.Of(chain.Zip(chain.Skip(1)), pair => Assert.Equal(pair.Second.To, pair.First.From));
        }
    }

    [PostgresFact]
    public async Task A_statement_notifies_once_with_its_transaction()
    {
        await Database.InsertAsync(50);
        await using Npgsql.NpgsqlConnection listener = await Database.ConnectAsync();
        var heard = new List<string>();
        listener.Notification += (_, e) => heard.Add($"{e.Channel} {e.Payload}");
        await using (var listen = new Npgsql.NpgsqlCommand("listen leops_handoff; listen leops_execution", listener))
        {
            await listen.ExecuteNonQueryAsync();
        }

        await Database.RunAsync("update exec_handoff_preparations set demo_url = 'x'; update exec_handoff_preparations set handoff_status = 'sent'");

        Assert.True(await listener.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal([$"leops_handoff {(await ReadAsync())[0].Batch}"], heard);
    }
}
