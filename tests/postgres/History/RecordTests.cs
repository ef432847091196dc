using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.History;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.History;

/// <summary>What the history says of a change, whoever made it.</summary>
[Trait("Category", "Core")]
public sealed class RecordTests(PostgresServer server) : HistoryTest(server)
{
    [PostgresFact]
    public async Task A_bulk_change_says_who_when_from_to_why_and_what_was_changed_together()
    {
        List<Guid> ids = await Database.InsertAsync(3, "sent");
        DateTimeOffset before = await ClockAsync();

        await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Rejected, reason: "Too\n thin"), (await Database.ReadAsync()).Select(HandoffDatabase.Of));

        DateTimeOffset after = await ClockAsync();
        List<HandoffHistoryEntry> entries = await ReadAsync();
        Assert.Equal(ids, entries.Select(e => e.Id).Order());
        AssertEach.Of(entries, e =>
        {
            Assert.Equal((HandoffStatus.Sent, HandoffStatus.Rejected, "Too thin"), (e.From, e.To, e.Reason));
            Assert.Equal((HandoffDatabase.SdId, HandoffDatabase.SdKey), (e.SdId, e.SdKey));
            Assert.Equal((Database.Settings.UserName, Database.Settings.UserName, null), (e.ChangedBy, e.Role, e.UserId));
            Assert.Equal($"{Environment.UserName}@{Environment.MachineName}", e.Actor);
            Assert.InRange(e.ChangedAt, before, after);
            Assert.Equal(TimeSpan.Zero, e.ChangedAt.Offset);
            Assert.Equal(entries[0].Batch, e.Batch);
        });
    }

    [PostgresFact]
    public async Task A_single_change_without_a_reason_has_none()
    {
        Guid id = (await Database.InsertAsync(1))[0];

        await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(id)]);

        HandoffHistoryEntry entry = Assert.Single(await ReadAsync());
        Assert.Equal((id, "Ready → Sent", null), (entry.Id, Move(entry), entry.Reason));
    }

    [PostgresFact]
    public async Task Batches_side_by_side_are_told_apart_and_each_is_whole()
    {
        List<Guid> ids = await Database.InsertAsync(40);

        await Task.WhenAll(ids.Chunk(10).Select(part => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), part.Select(HandoffDatabase.Of))));

        Assert.Equal([10, 10, 10, 10], (await ReadAsync()).GroupBy(e => e.Batch).Select(g => g.Count()));
    }

    [PostgresFact]
    public async Task A_selection_on_the_server_has_its_reason_too()
    {
        await Database.InsertAsync(5);

        await Store.ChangeSelectionAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent, reason: "Demo day"), new HandoffFilter { Statuses = [HandoffStatus.Ready] }, false, false, Context, CancellationToken.None);

        Assert.Equal(Enumerable.Repeat("Ready → Sent Demo day", 5), (await ReadAsync()).Select(e => $"{Move(e)} {e.Reason}"));
    }

    [PostgresFact]
    public async Task A_forced_move_and_the_way_back_are_recorded_as_they_were()
    {
        Guid id = (await AddAsync(1))[0];

        await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Accepted, force: true, reason: "By hand"), [HandoffDatabase.Of(id)]);
        await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Preparing, force: true), [HandoffDatabase.Of(id)]);

        Assert.Equal(["Accepted → Preparing ", "Ready → Accepted By hand", "→ Ready "], (await ReadAsync()).Select(e => $"{Move(e)} {e.Reason}"));
    }

    [PostgresFact]
    public async Task Atomically_all_is_one_batch_and_what_is_rolled_back_leaves_nothing()
    {
        List<Guid> ids = await Database.InsertAsync(30);
        Guid other = (await Database.InsertAsync(1, "accepted"))[0];
        StatusMove<HandoffStatus> move = HandoffDatabase.MoveTo(HandoffStatus.Sent, reason: "Together");

        Assert.False((await Store.ChangeAsync(move, [.. ids.Append(other).Select(HandoffDatabase.Of)], new BulkOptions(10, IsAtomic: true), Context, CancellationToken.None)).Committed);
        Assert.Empty(await ReadAsync());

        Assert.True((await Store.ChangeAsync(move, [.. ids.Select(HandoffDatabase.Of)], new BulkOptions(10, IsAtomic: true), Context, CancellationToken.None)).Committed);
        List<HandoffHistoryEntry> entries = await ReadAsync();
        Assert.Equal(30, entries.Count);
        Assert.Single(entries.Select(e => (e.Batch, e.Reason)).Distinct(), (entries[0].Batch, "Together"));
    }

    [PostgresFact]
    public async Task In_a_transaction_each_call_has_its_own_reason_and_none_is_handed_on()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await using (ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None))
        {
            foreach ((Guid id, string? reason) in ids.Zip((string?[])["One", null, "Three"]))
            {
                await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent, reason: reason), [HandoffDatabase.Of(id)], Context with { Caller = $"Test-{reason}" }, transaction.Database.Handoffs);
            }

            Assert.Equal(3, (await ReadAsync(database: transaction.Database)).Count);
            Assert.Empty(await ReadAsync());
            await transaction.CommitAsync();
        }

        List<HandoffHistoryEntry> entries = await ReadAsync();
        Assert.Equal(["Three", null, "One"], entries.Select(e => e.Reason));
        Assert.Single(entries.Select(e => e.Batch).Distinct());
    }

    [PostgresFact]
    public async Task Plain_SQL_is_recorded_with_role_claims_actor_and_reason_as_the_session_said_them()
    {
        Guid id = (await Database.InsertAsync(1))[0];

        await Database.RunAsync($$$"""
            begin;
            set local role service_role;
            set local request.jwt.claims = '{"sub": "4a5b", "user_metadata": {"sub": "forged"}}';
            set local leops.actor = 'ada@terminal';
            set local leops.reason = 'Typed by hand';
            update exec_handoff_preparations set handoff_status = 'sent' where id = '{{{id}}}';
            commit;
            """);

        HandoffHistoryEntry entry = Assert.Single(await ReadAsync());
        Assert.Equal(
            (Database.Settings.UserName, "service_role", "4a5b", "ada@terminal", "Typed by hand"), (entry.ChangedBy, entry.Role, entry.UserId, entry.Actor, entry.Reason));
    }

    [PostgresTheory]
    [InlineData("request.jwt.claim.sub", "older", "older")]
    [InlineData("request.jwt.claims", "{not json", null)]
    [InlineData("request.jwt.claims", "[1]", null)]
    [InlineData("request.jwt.claims", "{}", null)]
    [InlineData("request.jwt.claims", "{\"sub\": \"\\u0000\"}", null)]
    [InlineData("request.jwt.claims", "", null)]
    public async Task Whatever_the_claims_are_the_change_is_made_and_recorded(string setting, string value, string? user)
    {
        await Database.InsertAsync(1);

        await Database.RunAsync($"begin; select set_config('{setting}', '{value}', true); update exec_handoff_preparations set handoff_status = 'sent'; commit");

        Assert.Equal(user, Assert.Single(await ReadAsync()).UserId);
    }

    [PostgresFact]
    public async Task New_and_deleted_rows_are_recorded_however_they_go()
    {
        List<Guid> ids = await AddAsync(4, "preparing");

        await Database.RunAsync($"delete from exec_handoff_preparations where id = '{ids[0]}'");
        await Database.RunAsync($"update exec_handoff_preparations set id = '{Guid.Empty}', handoff_status = 'ready' where id = '{ids[1]}'");
        await Database.RunAsync($"update exec_handoff_preparations set session_id = session_id where id = '{ids[2]}'; delete from exec_implementation_sessions");

        var entries = (await ReadAsync()).ToLookup(e => e.Id, Move);
        Assert.Equal(["Preparing →", "→ Preparing"], entries[ids[0]]);
        Assert.Equal(["Preparing →", "→ Preparing"], entries[ids[1]]);
        Assert.Equal(["Ready →", "→ Ready"], entries[Guid.Empty]);
        Assert.Equal(["Preparing →", "→ Preparing"], entries[ids[3]]);
        AssertEach.Of(await ReadAsync(), e => Assert.Equal(HandoffDatabase.SdId, e.SdId));
    }

    [PostgresFact]
    public async Task A_truncated_table_leaves_an_entry_for_each_row()
    {
        await AddAsync(3);

        await Database.RunAsync("truncate strategic_directives_v2 cascade");

        Assert.Equal(["Ready →", "Ready →", "Ready →"], (await ReadAsync(new HandoffHistoryQuery { First = 3 })).Select(Move));
    }

    [PostgresFact]
    public async Task Only_a_status_that_changes_is_recorded()
    {
        List<Guid> ids = await Database.InsertAsync(3);

        await Database.RunAsync("update exec_handoff_preparations set handoff_status = handoff_status, demo_url = 'x'");
        await Database.RunAsync("update exec_handoff_preparations set implementation_summary = 'y' where false");
        await Database.RunAsync($"update exec_handoff_preparations set demo_url = 'z', handoff_status = case id when '{ids[1]}' then 'sent' else 'ready' end");

        HandoffHistoryEntry entry = Assert.Single(await ReadAsync());
        Assert.Equal((ids[1], "Ready → Sent"), (entry.Id, Move(entry)));
    }

    [PostgresFact]
    public async Task An_upsert_and_a_merge_of_new_and_old_rows_are_recorded_as_both()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        Guid fresh = Guid.NewGuid();

        await Database.RunAsync($"""
            insert into exec_handoff_preparations (id, session_id, sd_id, handoff_status, implementation_summary)
            select id, '{HandoffDatabase.SessionId}', '{HandoffDatabase.SdId}', 'sent', 'x' from unnest(array['{ids[0]}', '{fresh}']::uuid[]) id
            on conflict (id) do update set handoff_status = excluded.handoff_status
            """);

        Assert.Equal(new[] { $"{ids[0]} Ready → Sent", $"{fresh} → Sent" }.Order(StringComparer.Ordinal), (await ReadAsync()).Select(e => $"{e.Id} {Move(e)}").Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task What_is_refused_or_has_changed_meanwhile_is_not_recorded()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        HandoffPreparation known = await Database.ReadAsync(ids[0]);
        await Database.RunAsync($"update exec_handoff_preparations set demo_url = 'x' where id = '{ids[0]}'");
        await Database.RunAsync($"alter table exec_handoff_preparations add check (id <> '{ids[1]}' or handoff_status <> 'sent')");

        await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(known), HandoffDatabase.Of(ids[1]), HandoffDatabase.Of(ids[2])]);

        Assert.Equal(ids[2], Assert.Single(await ReadAsync()).Id);
    }

    [PostgresFact]
    public async Task The_history_does_not_make_a_change_read_whole_rows_back()
    {
        await Database.InsertAsync(2);
        HandoffPreparation row = (await Database.ReadAsync())[0];
        // What only a whole row would show; its version is the one that the object has.
        await Database.RunAsync($"set session_replication_role = replica; alter table exec_handoff_preparations add column later text default 'seen'");

        HandoffPreparation moved = (await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(row)]))[0].Row!;

        Assert.Equal("{}", moved.AdditionalColumns.ToString());
        Assert.Equal((await Database.ReadAsync(row.Id)).RowVersion, moved.RowVersion);
    }

    private async Task<DateTimeOffset> ClockAsync() => new(await Database.ScalarAsync<DateTime>("select clock_timestamp()"), TimeSpan.Zero);
}
