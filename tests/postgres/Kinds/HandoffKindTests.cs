using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Kinds;

/// <summary>Every operation on handoffs, over tables of each kind.</summary>
public sealed class HandoffKindTests(PostgresServer server) : TableKindTest(server)
{
    private static readonly DraftRules New = new(Restores: false, Force: false);
    private static readonly EditRules Replace = new(Merge: false, Append: false);

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Handoffs_are_made_with_the_version_that_a_read_shows(TableKind kind)
    {
        await MakeAsync(kind);
        List<HandoffPreparation> made = AllChanged(await CreateAsync("one", "two", "three"));
        Assert.Equal(["one", "two", "three"], made.Select(h => h.ImplementationSummary));
        AssertEach.Of(made, h => Assert.Equal((HandoffDatabase.SdKey, HasVersion(kind)), (h.SdKey, h.RowVersion is not null)));
        await AssertAsStoredAsync(made);
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_made_handoff_goes_its_way_with_the_object_that_each_step_returns(TableKind kind)
    {
        await MakeAsync(kind);
        HandoffPreparation row = Changed(await CreateAsync("one"));
        foreach (HandoffStatus to in new[] { HandoffStatus.Ready, HandoffStatus.Sent, HandoffStatus.Accepted })
        {
            row = Changed(await ChangeAsync(HandoffDatabase.MoveTo(to), [HandoffDatabase.Of(row)]));
            Assert.Equal(to, row.Status);
            await AssertAsStoredAsync([row]);
        }
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task An_object_that_is_out_of_date_changes_nothing(TableKind kind)
    {
        await MakeAsync(kind);
        HandoffPreparation known = Changed(await CreateAsync("one"));
        Changed(await EditAsync(known, "edited by another"));
        Failed(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Ready), [HandoffDatabase.Of(known)]), LeoErrorId.StatusConflict);
        Failed(await EditAsync(known, "lost"), LeoErrorId.EditConflict);
        Failed(await RemoveAsync(new RowRemoval(known.Id, known.Guard, known)), LeoErrorId.EditConflict);
        Assert.Equal("edited by another", (await Database.ReadAsync(known.Id)).ImplementationSummary);
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Selections_atomic_changes_edits_and_removals_work(TableKind kind)
    {
        await MakeAsync(kind);
        List<HandoffPreparation> made = AllChanged(await CreateAsync("a", "b", "c", "d"));
        BulkResult<HandoffPreparation> ready = await Store.ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Ready), [.. made.Select(HandoffDatabase.Of)], new BulkOptions(2, IsAtomic: true), Context, CancellationToken.None);
        Assert.True(ready.Committed);
        AllChanged(ready.Outcomes);
        SelectionResult<HandoffPreparation> sent = await Store.ChangeSelectionAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), new HandoffFilter { Statuses = [HandoffStatus.Ready] }, atomic: false, returnRows: true, Context, CancellationToken.None);
        Assert.Equal(4, sent.Changed);
        List<HandoffPreparation> rows = AllChanged(sent.Outcomes);
        await AssertAsStoredAsync(rows);
        Assert.True((await Leo.Handoffs.EditAsync(Replace, [.. rows.Select(r => Edit(r, "e"))], new BulkOptions(3, IsAtomic: true), Context, CancellationToken.None)).Committed);
        Assert.Equal(4, (await Store.MeasureAsync(new HandoffFilter(), [], Context, CancellationToken.None)).Sum(m => m.Count));
        Assert.True((await Leo.Handoffs.RemoveAsync(
            [.. rows.Take(2).Select(r => new RowRemoval(r.Id, null, r))], new BulkOptions(1, IsAtomic: true), null, Context, CancellationToken.None)).Committed);
        AllChanged(await RemoveAsync(new RowRemoval(rows[2].Id, null, rows[2])));
        Assert.Equal(rows[3].Id, Assert.Single(await Database.ReadAsync()).Id);
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_removed_handoff_is_put_back_and_a_second_one_of_its_id_is_refused(TableKind kind)
    {
        await MakeAsync(kind);
        HandoffPreparation row = Changed(await CreateAsync("one"));
        Changed(await RemoveAsync(new RowRemoval(row.Id, row.Guard, row)));
        var draft = new HandoffDraft
        {
            Id = row.Id,
            SessionId = row.SessionId,
            Sd = row.SdId,
            State = new RestoredState(row.Status, row.PreparedAt, row.SentAt, row.ResponseAt, row.CreatedAt, row.UpdatedAt),
        };
        draft.Values[ContentColumn.ImplementationSummary] = "back";
        var restoring = new DraftRules(Restores: true, Force: false);
        HandoffPreparation back = Changed(await Leo.Handoffs.CreateAsync(restoring, [draft], Bulk.Each, Context, CancellationToken.None).OutcomesAsync());
        Assert.Equal((row.Id, "back", HasVersion(kind)), (back.Id, back.ImplementationSummary, back.RowVersion is not null));
        Failed(await Leo.Handoffs.CreateAsync(restoring, [draft], Bulk.Each, Context, CancellationToken.None).OutcomesAsync(), LeoErrorId.StatusConflict);
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Of_a_batch_only_the_rows_that_the_database_refuses_fail(TableKind kind)
    {
        await MakeAsync(kind);
        await Database.RunAsync($"alter table {Stored}.exec_handoff_preparations add check (implementation_summary <> 'thin')");
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync("a", "thin", "c");
        LeoException error = SingleFailure(outcomes, LeoErrorId.ValueOutOfRange).Error!;
        Assert.Equal("23514", error.SqlState);
        Assert.Equal(2, await Database.ScalarAsync<long>($"select count(*) from {Stored}.exec_handoff_preparations"));
    }

    private static HandoffEdit Edit(HandoffPreparation row, string summary)
    {
        var values = new HandoffValues();
        values[ContentColumn.ImplementationSummary] = summary;
        return new HandoffEdit(row.Id, row.Guard, row, values);
    }

    private Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> CreateAsync(params string[] summaries) => Leo.Handoffs.CreateAsync(
        New,
        Array.ConvertAll(summaries, summary =>
        {
            var draft = new HandoffDraft { Sd = HandoffDatabase.SdId, Source = summary };
            draft.Values[ContentColumn.ImplementationSummary] = summary;
            return draft;
        }),
        Bulk.Each,
        Context,
        CancellationToken.None).OutcomesAsync();

    private Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> EditAsync(HandoffPreparation row, string summary) =>
        Leo.Handoffs.EditAsync(Replace, [Edit(row, summary)], Bulk.Each, Context, CancellationToken.None).OutcomesAsync();

    private Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> RemoveAsync(RowRemoval removal) =>
        Leo.Handoffs.RemoveAsync([removal], Bulk.Each, null, Context, CancellationToken.None).OutcomesAsync();

    private async Task AssertAsStoredAsync(IEnumerable<HandoffPreparation> rows)
    {
        List<HandoffPreparation> shown = [.. rows.OrderBy(r => r.Id)];
        List<HandoffPreparation> there = await Database.ReadAsync(new HandoffQuery { Filter = new HandoffFilter { Ids = shown.ConvertAll(r => r.Id) } });
        Assert.Equal(there.Select(HandoffJson.Line), shown.Select(HandoffJson.Line));
    }
}
