using LeoPS.Changes;
using LeoPS.Readiness;

namespace LeoPS.Units.Readiness;

public sealed class ReadinessGateTests
{
    private static readonly HandoffPreparation Good = GoodHandoff.Make();
    private static readonly HandoffPreparation Thin = GoodHandoff.With(h =>
    {
        h.Id = Guid.NewGuid();
        h.ImplementationSummary = "done";
        h.KnownIssues = null;
    });

    private readonly List<StatusChange<HandoffPreparation>> _applied = [];

    [Fact]
    public async Task What_is_blocked_never_comes_to_the_store_and_keeps_its_place()
    {
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ApplyAsync(Gate(), Of(Thin), Of(Good));

        Assert.Equal(LeoErrorId.NotReady, outcomes[0].Error?.ErrorId);
        Assert.Same(Thin, outcomes[0].Source);
        Assert.Contains("Summary", outcomes[0].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("KnownIssues", outcomes[0].Error!.Message, StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.Changed, outcomes[1].Kind);
        Assert.Null(outcomes[1].Note);
        Assert.Equal(Good.Id, Assert.Single(_applied).Id);
    }

    [Fact]
    public async Task A_bare_id_is_read_and_then_moved_with_the_guard_of_what_was_read()
    {
        await ApplyAsync(Gate(), new StatusChange<HandoffPreparation>(Good.Id, null, null, "source"));

        StatusChange<HandoffPreparation> change = Assert.Single(_applied);
        Assert.Equal((Good.Guard, "source"), (change.Guard, change.Source));
    }

    [Fact]
    public async Task A_guard_of_its_own_stays()
    {
        var old = new RowGuard(1, "preparing", null);
        await ApplyAsync(Gate(), new StatusChange<HandoffPreparation>(Good.Id, old, null, "source"));

        Assert.Equal(old, Assert.Single(_applied).Guard);
    }

    [Fact]
    public async Task One_that_cannot_be_seen_goes_on_to_the_store()
    {
        var unknown = Guid.NewGuid();
        await ApplyAsync(Gate(), new StatusChange<HandoffPreparation>(unknown, null, null, null));

        Assert.Equal((unknown, null), (Assert.Single(_applied).Id, _applied[0].Row));
    }

    [Fact]
    public async Task What_passes_with_warnings_says_which()
    {
        HandoffPreparation warned = GoodHandoff.With(h => h.KnownIssues = new TextArray(["None"]));
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ApplyAsync(Gate(), Of(warned));

        Assert.Contains("KnownIssues", outcomes[0].Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_a_pass_is_required_a_warning_is_refused()
    {
        HandoffPreparation warned = GoodHandoff.With(h => (h.Id, h.KnownIssues) = (Guid.NewGuid(), new TextArray(["None"])));
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await ApplyAsync(Gate(ReadinessVerdict.Pass), Of(warned), Of(Good));

        Assert.Equal(LeoErrorId.NotReady, outcomes[0].Error?.ErrorId);
        Assert.Equal(Good.Id, Assert.Single(_applied).Id);
    }

    [Fact]
    public async Task All_or_none_asks_the_store_only_where_all_are_ready()
    {
        Assert.False((await Gate().ApplyAsync([Of(Good), Of(Thin)], atomic: true, MoveAsync, CancellationToken.None)).Committed);
        Assert.Empty(_applied);
        Assert.True((await Gate().ApplyAsync([Of(Good)], atomic: true, MoveAsync, CancellationToken.None)).Committed);
    }

    private static StatusChange<HandoffPreparation> Of(HandoffPreparation row) => new(row.Id, row.Guard, row, row);

    private static ReadinessGate Gate(ReadinessVerdict worst = ReadinessVerdict.Warning) => new(new ReadinessRules(), worst, (ids, _) =>
        Task.FromResult<IReadOnlyDictionary<Guid, HandoffPreparation>>(new[] { Good, Thin }.Where(h => ids.Contains(h.Id)).ToDictionary(h => h.Id)));

    private async Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> ApplyAsync(ReadinessGate gate, params StatusChange<HandoffPreparation>[] changes) =>
        (await gate.ApplyAsync(changes, atomic: false, MoveAsync, CancellationToken.None)).Outcomes;

    private Task<BulkResult<HandoffPreparation>> MoveAsync(IReadOnlyList<StatusChange<HandoffPreparation>> changes)
    {
        _applied.AddRange(changes);
        ChangeOutcome<HandoffPreparation>[] outcomes = [.. changes.Select(c => ChangeOutcome<HandoffPreparation>.Changed(c.Source, c.Row ?? Good))];
        return Task.FromResult(new BulkResult<HandoffPreparation>(true, outcomes));
    }
}
