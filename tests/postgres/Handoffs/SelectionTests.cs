using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Rows that the server selects.</summary>
[Trait("Category", "Core")]
public sealed class SelectionTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private static readonly HandoffFilter Ready = new() { Statuses = [HandoffStatus.Ready] };

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Everything_that_matches_is_moved_and_the_rest_is_left(bool returnRows)
    {
        List<Guid> ready = await Database.InsertAsync(30, "ready", ("prepared_at", "'2026-01-01Z'"));
        await Database.InsertAsync(10, "ready", ("prepared_at", "'2026-02-01Z'"));
        await Database.InsertAsync(5, "sent", ("prepared_at", "'2026-01-01Z'"));
        HandoffFilter filter = Ready with { SdIds = ["base-*"], SessionIds = [HandoffDatabase.SessionId], Before = DateTimeOffset.Parse("2026-01-15Z") };
        Assert.Equal(30, await Store.CountAsync(filter, HandoffDatabase.Context, CancellationToken.None));
        SelectionResult<HandoffPreparation> result = await ApplyAsync(filter, returnRows: returnRows);
        Assert.Equal(30, result.Changed);
        List<HandoffPreparation> after = await Database.ReadAsync(new HandoffQuery { Filter = new HandoffFilter { Ids = ready } });
        AssertEach.Of(after, r => Assert.Equal(HandoffStatus.Sent, r.Status));
        Assert.Equal(35, await Store.CountAsync(new HandoffFilter { Statuses = [HandoffStatus.Sent] }, HandoffDatabase.Context, CancellationToken.None));
        if (returnRows)
        {
            AssertEach.Of(result.Outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
            Assert.Equal(after.Select(HandoffJson.Line), result.Outcomes.Select(o => HandoffJson.Line(o.Row!)));
        }
        else
        {
            Assert.Empty(result.Outcomes);
        }
    }

    [PostgresFact]
    public async Task Stamps_and_the_reason_are_as_for_single_rows()
    {
        await Database.InsertAsync(2, "sent", ("post_implementation_notes", "'n'"));
        SelectionResult<HandoffPreparation> result = await ApplyAsync(
            new HandoffFilter { Statuses = [HandoffStatus.Sent] }, move: HandoffDatabase.MoveTo(HandoffStatus.Rejected, reason: "late\nand thin"));
        AssertEach.Of(result.Outcomes, o =>
        {
            Assert.Equal((HandoffStatus.Rejected, o.Row!.UpdatedAt), (o.Row.Status, o.Row.ResponseAt));
            Assert.EndsWith("Z Rejected: late and thin", o.Row.PostImplementationNotes, StringComparison.Ordinal);
            Assert.StartsWith("n\n", o.Row.PostImplementationNotes, StringComparison.Ordinal);
        });
    }

    [PostgresFact]
    public async Task Nothing_that_matches_is_nothing_changed()
    {
        await Database.InsertAsync(3, "sent");
        SelectionResult<HandoffPreparation> result = await ApplyAsync(Ready);
        Assert.Equal(0, result.Changed);
        Assert.Empty(result.Outcomes);
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_status_from_which_no_way_leads_is_refused_before_anything_is_written(bool atomic)
    {
        await Database.InsertAsync(3);
        await Database.InsertAsync(3, "preparing");
        var filter = new HandoffFilter { Statuses = [HandoffStatus.Ready, HandoffStatus.Preparing] };
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => ApplyAsync(filter, atomic: atomic));
        Assert.Equal(LeoErrorId.InvalidTransition, error.ErrorId);
        Assert.Contains("Preparing", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, await Store.CountAsync(Ready, HandoffDatabase.Context, CancellationToken.None));
        // Forced, it is done.
        Assert.Equal(6, (await ApplyAsync(filter, atomic: atomic, move: HandoffDatabase.MoveTo(HandoffStatus.Sent, force: true))).Changed);
    }

    [PostgresFact]
    public async Task One_who_may_not_change_is_Forbidden_for_each_row()
    {
        List<Guid> ids = await Database.InsertAsync(4);
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        foreach (bool returnRows in new[] { true, false })
        {
            SelectionResult<HandoffPreparation> result = await ApplyAsync(Ready, returnRows: returnRows, store: member.Handoffs);
            Assert.Equal(0, result.Changed);
            Assert.Equal(ids, result.Outcomes.Select(o => ((HandoffPreparation)o.Source!).Id));
            AssertEach.Of(result.Outcomes, o => Assert.Equal(LeoErrorId.Forbidden, o.Error?.ErrorId));
        }

        Assert.Equal(4, await Store.CountAsync(Ready, HandoffDatabase.Context, CancellationToken.None));
    }

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_some_may_be_changed_the_others_are_told(bool returnRows)
    {
        List<Guid> ids = await Database.InsertAsync(6);
        await Database.RunAsync($"create policy by_row on exec_handoff_preparations for update to authenticated using (id < '{ids[4]}')");
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        SelectionResult<HandoffPreparation> result = await ApplyAsync(Ready, returnRows: returnRows, store: member.Handoffs);
        Assert.Equal(4, result.Changed);
        Assert.Equal(returnRows ? ids[..4] : [], result.Outcomes.Where(o => o.Kind == OutcomeKind.Changed).Select(o => o.Row!.Id));
        Assert.Equal(
            ids[4..].Select(id => (id, (LeoErrorId?)LeoErrorId.Forbidden)),
            result.Outcomes.Where(o => o.Kind == OutcomeKind.Failed).Select(o => (((HandoffPreparation)o.Source!).Id, o.Error?.ErrorId)));
    }

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Held_rows_are_told_and_the_others_are_moved(bool returnRows)
    {
        List<Guid> ids = await Database.InsertAsync(50);
        await using (await Database.HoldAsync(ids[7], ids[30]))
        {
            SelectionResult<HandoffPreparation> result = await ApplyAsync(Ready, returnRows: returnRows, context: Waiting(TimeSpan.FromMilliseconds(200)));
            Assert.Equal(48, result.Changed);
            Assert.Equal(
                [(ids[7], LeoErrorId.RowLocked), (ids[30], LeoErrorId.RowLocked)],
                result.Outcomes.Where(o => o.Kind == OutcomeKind.Failed).Select(o => (((HandoffPreparation)o.Source!).Id, o.Error!.ErrorId)));
            Assert.Equal(returnRows ? 50 : 2, result.Outcomes.Count);
        }

        Assert.Equal(2, await Store.CountAsync(Ready, HandoffDatabase.Context, CancellationToken.None));
    }

    [PostgresFact]
    public async Task Atomically_a_held_row_stops_all()
    {
        List<Guid> ids = await Database.InsertAsync(10);
        await using (await Database.HoldAsync(ids[3]))
        {
            LeoException error = await Assert.ThrowsAsync<LeoException>(() => ApplyAsync(Ready, atomic: true, context: Waiting(TimeSpan.FromMilliseconds(200))));
            Assert.Equal(LeoErrorId.RowLocked, error.ErrorId);
        }

        Assert.Equal(10, await Store.CountAsync(Ready, HandoffDatabase.Context, CancellationToken.None));
    }

    [PostgresFact]
    public async Task A_refused_row_is_named_and_the_others_move()
    {
        List<Guid> ids = await Database.InsertAsync(10);
        await Database.RunAsync($"alter table exec_handoff_preparations add constraint not_that_one check (handoff_status <> 'sent' or id <> '{ids[4]}')");
        SelectionResult<HandoffPreparation> result = await ApplyAsync(Ready);
        Assert.Equal((9, false), (result.Changed, result.RolledBack));
        ChangeOutcome<HandoffPreparation> failed = Assert.Single(result.Outcomes, o => o.Kind == OutcomeKind.Failed);
        Assert.Equal((ids[4], LeoErrorId.ValueOutOfRange, "23514"), ((Guid)failed.Source!, failed.Error!.ErrorId, failed.Error.SqlState));
        Assert.Contains("not_that_one", failed.Error.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Store.CountAsync(Ready, HandoffDatabase.Context, CancellationToken.None));
    }

    [PostgresFact]
    public async Task Opposed_selections_and_batches_end_without_a_deadlock()
    {
        List<Guid> ids = await Database.InsertAsync(2000);
        Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> batch = Task.Run(
            () => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), Enumerable.Reverse(ids).Select(HandoffDatabase.Of)));
        SelectionResult<HandoffPreparation> selected = await ApplyAsync(Ready);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> piped = await batch;
        Assert.Equal(2000, selected.Changed + piped.Count(o => o.Kind == OutcomeKind.Changed));
        Assert.Equal(2000, await Store.CountAsync(new HandoffFilter { Statuses = [HandoffStatus.Sent] }, HandoffDatabase.Context, CancellationToken.None));
        AssertEach.Of(piped, o => Assert.NotEqual(OutcomeKind.Failed, o.Kind));
    }

    [PostgresFact]
    public async Task A_row_that_leaves_the_selection_during_the_wait_is_left_alone()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await using NpgsqlConnection holder = await Database.HoldAsync(ids[1]);
        Task<SelectionResult<HandoffPreparation>> change = Task.Run(() => ApplyAsync(Ready));
        await Database.WaitUntilRunningAsync(1);
        await using var command = new NpgsqlCommand($"update exec_handoff_preparations set handoff_status = 'preparing' where id = '{ids[1]}'; commit", holder);
        await command.ExecuteNonQueryAsync();
        SelectionResult<HandoffPreparation> result = await change;
        Assert.Equal([ids[0], ids[2]], result.Outcomes.Select(o => o.Row!.Id));
        Assert.Equal(HandoffStatus.Preparing, (await Database.ReadAsync(ids[1])).Status);
    }

    private Task<SelectionResult<HandoffPreparation>> ApplyAsync(
        HandoffFilter filter, bool atomic = false, bool returnRows = true, StatusMove<HandoffStatus>? move = null, CallContext? context = null, IHandoffStore? store = null) =>
        (store ?? Store).ChangeSelectionAsync(move ?? HandoffDatabase.MoveTo(HandoffStatus.Sent), filter, atomic, returnRows, context ?? HandoffDatabase.Context, CancellationToken.None);
}
