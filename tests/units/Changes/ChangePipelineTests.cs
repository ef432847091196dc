using LeoPS.Changes;

namespace LeoPS.Units.Changes;

public sealed class ChangePipelineTests
{
    private static readonly LeoException Bad = new(LeoErrorId.InvalidIdentity, "no row");

    [Fact]
    public void Batches_are_cut_by_size_and_the_rest_goes_at_the_end()
    {
        var store = new FakeStore();
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(3, maxInFlight: 1);
        Add(pipeline, 0, 8);

        object?[] sources = Sources(pipeline.Complete());

        Assert.Equal([3, 3, 2], store.Batches.Select(batch => batch.Count));
        Assert.Equal(Enumerable.Range(0, 8).Cast<object?>(), sources);
    }

    [Fact]
    public async Task A_batch_leaves_when_its_oldest_row_is_old_as_seen_when_the_next_comes()
    {
        var clock = new ManualClock();
        var store = new FakeStore();
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(100, clock: clock);
        pipeline.Add(FakeChange.Of(0));
        clock.Advance(199);
        pipeline.Add(FakeChange.Of(1));
        Assert.Equal(0, pipeline.InFlight);

        clock.Advance(1);
        pipeline.Add(FakeChange.Of(2));
        Assert.Equal(3, pipeline.InFlight);
        clock.Advance(10_000);
        pipeline.Add(FakeChange.Of(3));
        clock.Advance(199);
        pipeline.Add(FakeChange.Of(4));
        Assert.Equal(3, pipeline.InFlight);

        clock.Advance(1);
        pipeline.Reject("bad", Bad);
        Assert.Equal(5, pipeline.InFlight);
        await FakeStore.UntilAsync(() => store.Batches.Count == 2);
        Assert.Equal([2, 3], store.Batches.Select(batch => batch.Count).Order());
    }

    [Fact]
    public void A_batch_of_one_waits_for_the_one_before()
    {
        var store = new FakeStore((_, _) => Task.Delay(5, CancellationToken.None));
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(1);
        for (int i = 0; i < 5; i++)
        {
            pipeline.Add(FakeChange.Of(i));
            Assert.Equal(i + 1, store.Batches.Count);
            Assert.Equal(0, store.Running);
            Assert.Equal([i], Sources(pipeline.TakeFinished()));
        }

        Assert.Empty(pipeline.Complete());
    }

    [Fact]
    public void A_batch_of_one_that_fails_is_known_before_the_next_row_is_taken()
    {
        var store = new FakeStore((_, _) => throw new LeoException(LeoErrorId.SchemaMissing, "gone"));
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(1);
        pipeline.Add(FakeChange.Of(0));

        Assert.Equal(LeoErrorId.SchemaMissing, Assert.Throws<LeoException>(() => Sources(pipeline.TakeFinished())).ErrorId);
    }

    [Fact]
    public async Task Outcomes_wait_for_those_before_them()
    {
        var first = new TaskCompletionSource();
        var store = new FakeStore((number, _) => number == 0 ? first.Task : Task.CompletedTask);
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2);
        Add(pipeline, 0, 2);
        await FakeStore.UntilAsync(() => store.Running == 1);
        Add(pipeline, 2, 2);
        await FakeStore.UntilAsync(() => store.Batches.Count == 2 && store.Running == 1);
        Assert.Empty(pipeline.TakeFinished());

        first.SetResult();

        Assert.Equal([0, 1, 2, 3], Sources(pipeline.Complete()));
    }

    [Fact]
    public async Task Adding_waits_while_as_many_as_allowed_are_on_their_way()
    {
        TaskCompletionSource[] gates = [.. Enumerable.Range(0, 9).Select(_ => new TaskCompletionSource())];
        var store = new FakeStore((number, _) => gates[number].Task);
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(1000, maxInFlight: 2, clock: TimeProvider.System);
        Thread adding = await FakeStore.StartUntilBlockedAsync(() => Add(pipeline, 0, 3000));
        await FakeStore.UntilAsync(() => store.Running == 2);
        Assert.True(adding.IsAlive);
        Assert.Equal(2, store.Batches.Count);

        Array.ForEach(gates, gate => gate.SetResult());
        adding.Join();

        Assert.Equal(Enumerable.Range(0, 3000).Cast<object?>(), Sources(pipeline.Complete()));
        Assert.Equal(2, store.MostRunning);
    }

    [Fact]
    public async Task Outcomes_do_not_pile_up_behind_one_slow_batch()
    {
        var slow = new TaskCompletionSource();
        var store = new FakeStore((number, _) => number == 0 ? slow.Task : Task.CompletedTask);
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2);
        for (int batch = 0; batch < ChangePipeline<FakeChange, FakeRow>.MaxUntaken; batch++)
        {
            Add(pipeline, 2 * batch, 2);
            await FakeStore.UntilAsync(() => store.Batches.Count == batch + 1 && store.Running == 1);
            Assert.Empty(pipeline.TakeFinished());
        }

        Thread adding = await FakeStore.StartUntilBlockedAsync(() => Add(pipeline, 10_000, 2));
        Assert.True(adding.IsAlive);

        slow.SetResult();
        adding.Join();
        Assert.Equal((2 * ChangePipeline<FakeChange, FakeRow>.MaxUntaken) + 2, Sources(pipeline.Complete()).Length);
    }

    [Fact]
    public void A_repeated_id_is_a_conflict_in_its_place()
    {
        var store = new FakeStore();
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(4);
        pipeline.Add(FakeChange.Of(1));
        pipeline.Add(new FakeChange(FakeChange.IdOf(1), "again"));
        pipeline.Add(FakeChange.Of(2));

        ChangeOutcome<FakeRow>[] outcomes = Outcomes(pipeline.Complete());

        Assert.Equal([1, "again", 2], outcomes.Select(outcome => outcome.Source));
        Assert.Equal([OutcomeKind.Changed, OutcomeKind.Failed, OutcomeKind.Changed], outcomes.Select(outcome => outcome.Kind));
        Assert.Equal(LeoErrorId.StatusConflict, outcomes[1].Error!.ErrorId);
        Assert.Null(outcomes[1].Row);
    }

    [Fact]
    public void Ten_thousand_times_one_id_is_one_change()
    {
        var store = new FakeStore();
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(1000, clock: TimeProvider.System);
        var outcomes = new List<ChangeOutcome<FakeRow>>();
        for (int i = 0; i < 10_000; i++)
        {
            pipeline.Add(new FakeChange(FakeChange.IdOf(7), i));
            outcomes.AddRange(Outcomes(pipeline.TakeFinished()));
        }

        outcomes.AddRange(Outcomes(pipeline.Complete()));

        Assert.Equal(10_000, outcomes.Count);
        Assert.Equal(OutcomeKind.Changed, outcomes[0].Kind);
        AssertEach.Of(outcomes.Skip(1), outcome => Assert.Equal(LeoErrorId.StatusConflict, outcome.Error!.ErrorId));
        Assert.Single(Assert.Single(store.Batches));
    }

    [Fact]
    public void What_is_known_already_keeps_its_place()
    {
        var store = new FakeStore();
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(3);
        pipeline.Reject("bad", Bad);
        pipeline.Add(FakeChange.Of(1));
        pipeline.Settle(ChangeOutcome<FakeRow>.Unchanged("there", new FakeRow(FakeChange.IdOf(2))));
        pipeline.Add(FakeChange.Of(3));

        ChangeOutcome<FakeRow>[] outcomes = Outcomes(pipeline.Complete());

        Assert.Equal(["bad", 1, "there", 3], outcomes.Select(outcome => outcome.Source));
        Assert.Same(Bad, outcomes[0].Error);
        Assert.Equal(OutcomeKind.Unchanged, outcomes[2].Kind);
    }

    [Fact]
    public void Without_a_change_nothing_is_sent()
    {
        var store = new FakeStore();
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2);
        Assert.Empty(pipeline.TakeFinished());
        pipeline.Reject(1, Bad);
        pipeline.Reject(2, Bad);
        pipeline.Reject(3, Bad);

        Assert.Equal([1, 2, 3], Sources(pipeline.Complete()));
        Assert.Empty(pipeline.Complete());
        Assert.Empty(store.Batches);
    }

    [Fact]
    public void A_failure_comes_after_the_outcomes_before_it()
    {
        var failure = new LeoException(LeoErrorId.SchemaMissing, "no table");
        var store = new FakeStore((number, _) => number == 0 ? Task.Delay(30, CancellationToken.None) : Task.FromException(failure));
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2, maxInFlight: 1);
        Add(pipeline, 0, 3);
        using IEnumerator<FinishedBatch<FakeRow>> finished = pipeline.Complete().GetEnumerator();

        Assert.True(finished.MoveNext());
        Assert.Equal([0, 1], finished.Current.Outcomes.Select(outcome => outcome.Source));
        Assert.Same(failure, Assert.Throws<LeoException>(() => finished.MoveNext()));
    }

    [Fact]
    public void A_finished_batch_knows_which_ids_changed()
    {
        var store = new FakeStore(answer: change => change.Source switch
        {
            0 => FakeStore.Changed(change),
            1 => ChangeOutcome<FakeRow>.Unchanged(change.Source, new FakeRow(change.Id)),
            _ => ChangeOutcome<FakeRow>.Failed(change.Source, Bad),
        });
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(10);
        pipeline.Reject("bad", Bad);
        Add(pipeline, 0, 3);

        Assert.Equal([FakeChange.IdOf(0)], Assert.Single(pipeline.Complete()).ChangedIds());
    }

    [Fact]
    public void One_on_its_way_at_a_time_may_end_whenever_it_likes()
    {
        var store = new FakeStore((_, _) => Task.CompletedTask);
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2, maxInFlight: 1);
        var sources = new List<object?>();
        for (int i = 0; i < 40_000; i++)
        {
            pipeline.Add(FakeChange.Of(i));
            sources.AddRange(Sources(pipeline.TakeFinished()));
        }

        sources.AddRange(Sources(pipeline.Complete()));
        Assert.Equal(Enumerable.Range(0, 40_000).Cast<object?>(), sources);
    }

    private static void Add(ChangePipeline<FakeChange, FakeRow> pipeline, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            pipeline.Add(FakeChange.Of(i));
        }
    }

    private static ChangeOutcome<FakeRow>[] Outcomes(IEnumerable<FinishedBatch<FakeRow>> batches) => [.. batches.SelectMany(batch => batch.Outcomes)];

    private static object?[] Sources(IEnumerable<FinishedBatch<FakeRow>> batches) => [.. Outcomes(batches).Select(outcome => outcome.Source)];
}
