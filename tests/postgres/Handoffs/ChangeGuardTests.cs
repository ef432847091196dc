using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Rows that changed since they were read.</summary>
[Trait("Category", "Core")]
public sealed class ChangeGuardTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private const string AsView = """
        alter table exec_handoff_preparations rename to handoffs_behind;
        create view exec_handoff_preparations as select * from handoffs_behind
        """;

    [PostgresTheory]
    [InlineData("update exec_handoff_preparations set handoff_status = 'preparing'")]
    [InlineData("update exec_handoff_preparations set implementation_summary = 'other'")]
    [InlineData("update exec_handoff_preparations set handoff_status = 'preparing'; update exec_handoff_preparations set handoff_status = 'ready'")]
    [InlineData("update exec_handoff_preparations set handoff_status = 'sent'")]
    public async Task An_object_whose_row_changed_is_a_conflict_and_is_left_alone(string meanwhile)
    {
        await Database.InsertAsync(1);
        HandoffPreparation read = Assert.Single(await Database.ReadAsync());
        await Database.RunAsync(meanwhile);
        string now = HandoffJson.Line(await Database.ReadAsync(read.Id));
        ChangeOutcome<HandoffPreparation> failed = SingleFailure(
            await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(read)]), LeoErrorId.StatusConflict);
        Assert.Same(read, failed.Source);
        Assert.Contains(read.Id.ToString(), failed.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(now, HandoffJson.Line(await Database.ReadAsync(read.Id)));
        // Nor does force overrule it.
        SingleFailure(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Accepted, force: true), [HandoffDatabase.Of(read)]), LeoErrorId.StatusConflict);
    }

    [PostgresFact]
    public async Task The_others_of_the_batch_are_done()
    {
        List<Guid> ids = await Database.InsertAsync(1000);
        List<HandoffPreparation> rows = await Database.ReadAsync();
        await Database.RunAsync($"update exec_handoff_preparations set demo_url = 'x' where id = '{ids[500]}'");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), rows.Select(HandoffDatabase.Of));
        Assert.Same(rows[500], SingleFailure(outcomes, LeoErrorId.StatusConflict).Source);
        Assert.Equal(999, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'sent'"));
    }

    [PostgresFact]
    public async Task What_came_out_can_be_moved_on()
    {
        await Database.InsertAsync(3, "preparing");
        IEnumerable<HandoffPreparation> rows = await Database.ReadAsync();
        foreach (HandoffStatus to in new[] { HandoffStatus.Ready, HandoffStatus.Sent, HandoffStatus.Rejected, HandoffStatus.Preparing })
        {
            IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(HandoffDatabase.MoveTo(to, reason: "r"), rows.Select(HandoffDatabase.Of));
            AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
            rows = outcomes.Select(o => o.Row!);
        }
    }

    [PostgresFact]
    public async Task A_deleted_row_is_NotFound_or_hidden()
    {
        await Database.InsertAsync(1);
        HandoffPreparation read = Assert.Single(await Database.ReadAsync());
        await Database.RunAsync("delete from exec_handoff_preparations");
        ChangeOutcome<HandoffPreparation> failed = SingleFailure(
            await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(read)]), LeoErrorId.NotFound);
        Assert.Contains("hidden from role", failed.Error!.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Already_there_is_unchanged_for_an_id_and_for_an_object_that_did_not_move()
    {
        await Database.InsertAsync(2, "sent");
        List<HandoffPreparation> rows = await Database.ReadAsync();
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent, reason: "again"), [HandoffDatabase.Of(rows[0]), HandoffDatabase.Of(rows[1].Id)]);
        AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Unchanged, o.Kind));
        Assert.Equal(rows.Select(HandoffJson.Line), outcomes.Select(o => HandoffJson.Line(o.Row!)));
        Assert.Equal(rows.Select(HandoffJson.Line), (await Database.ReadAsync()).Select(HandoffJson.Line));
    }

    [PostgresFact]
    public async Task An_id_is_guarded_by_the_transition_alone()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        await Database.RunAsync($"update exec_handoff_preparations set demo_url = 'x'; update exec_handoff_preparations set handoff_status = 'accepted' where id = '{ids[1]}'");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of));
        Assert.Equal(OutcomeKind.Changed, outcomes[0].Kind);
        Assert.Equal(ids[1], SingleFailure(outcomes, LeoErrorId.InvalidTransition).Source);
        Assert.Contains("terminal", outcomes[1].Error!.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Objects_and_ids_mix_in_one_batch()
    {
        await Database.InsertAsync(1000);
        List<HandoffPreparation> rows = await Database.ReadAsync();
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), rows.Select((r, i) => i % 2 == 0 ? HandoffDatabase.Of(r) : HandoffDatabase.Of(r.Id)));
        AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Equal((await Database.ReadAsync()).Select(HandoffJson.Line), outcomes.Select(o => HandoffJson.Line(o.Row!)));
    }

    [PostgresFact]
    public async Task A_row_of_which_only_the_version_is_known_is_guarded_by_it()
    {
        // What a CSV line or a deserialized object brings along.
        await Database.InsertAsync(2);
        List<HandoffPreparation> rows = await Database.ReadAsync();
        await Database.RunAsync($"update exec_handoff_preparations set demo_url = 'x' where id = '{rows[1].Id}'");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent),
            rows.Select(r => new StatusChange<HandoffPreparation>(r.Id, new RowGuard(r.RowVersion, "ready", null), null, r.Id)));
        Assert.Equal(OutcomeKind.Changed, outcomes[0].Kind);
        Assert.Equal(rows[1].Id, SingleFailure(outcomes, LeoErrorId.StatusConflict).Source);
        Assert.Equal(HandoffJson.Line(await Database.ReadAsync(rows[0].Id)), HandoffJson.Line(outcomes[0].Row!));
    }

    [PostgresFact]
    public async Task A_view_in_place_of_the_table_is_guarded_by_status_and_updated_at()
    {
        List<Guid> ids = await Database.InsertAsync(5, "ready", ("updated_at", "'2026-01-01 00:00:00.123456Z'"));
        await Database.RunAsync(AsView);
        await Database.RunAsync($"update handoffs_behind set updated_at = null where id = '{ids[3]}'");
        List<HandoffPreparation> rows = await Database.ReadAsync();
        AssertEach.Of(rows, r => Assert.Null(r.RowVersion));
        await Database.RunAsync($"""
            update handoffs_behind set updated_at = now() where id = '{ids[1]}';
            update handoffs_behind set handoff_status = 'preparing' where id = '{ids[2]}';
            """);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), rows.Select((r, i) => i == 4 ? HandoffDatabase.Of(r.Id) : HandoffDatabase.Of(r)));
        Assert.Equal(
            [OutcomeKind.Changed, OutcomeKind.Failed, OutcomeKind.Failed, OutcomeKind.Changed, OutcomeKind.Changed], outcomes.Select(o => o.Kind));
        AssertEach.Of(outcomes.Where(o => o.Error is not null), o => Assert.Equal(LeoErrorId.StatusConflict, o.Error!.ErrorId));
        List<HandoffPreparation> after = await Database.ReadAsync();
        AssertEach.Of([0, 3, 4], i => Assert.Equal(HandoffJson.Line(after[i]), HandoffJson.Line(outcomes[i].Row!)));
        Assert.Equal([ids[0], ids[3], ids[4]], after.Where(r => r.Status == HandoffStatus.Sent).Select(r => r.Id));
    }

    [PostgresFact]
    public async Task A_view_tells_held_rows_too()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await Database.RunAsync(AsView);
        List<HandoffPreparation> rows = await Database.ReadAsync();
        await using (await Database.HoldAsync(ids[1]))
        {
            IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ChangeAsync(
                HandoffDatabase.MoveTo(HandoffStatus.Sent), rows.Select(HandoffDatabase.Of), Waiting(TimeSpan.FromMilliseconds(200)));
            Assert.Same(rows[1], SingleFailure(outcomes, LeoErrorId.RowLocked).Source);
        }
    }
}
