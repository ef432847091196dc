using LeoPS.Changes;

namespace LeoPS.Units.Changes;

/// <summary>A connection that breaks while batches are on their way: every row is accounted for.</summary>
public sealed class ChangePipelineLossTests
{
    private static readonly LeoException Gone = new(LeoErrorId.ConnectionLost, "gone", "57P01");

    [Fact]
    public void Rows_whose_answer_did_not_come_fail_with_their_ids_in_their_places()
    {
        var store = new FakeStore((_, _) => throw Gone);
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(3);
        pipeline.Add(FakeChange.Of(0));
        pipeline.Reject("bad", LeoErrors.RepeatedId("handoff", FakeChange.IdOf(9)));
        pipeline.Add(FakeChange.Of(2));

        FinishedBatch<FakeRow> batch = Assert.Single(pipeline.Complete());

        Assert.Same(Gone, batch.Lost);
        Assert.Equal([LeoErrorId.ConnectionLost, LeoErrorId.StatusConflict, LeoErrorId.ConnectionLost], batch.Outcomes.Select(o => o.Error!.ErrorId));
        Assert.Equal([0, "bad", 2], batch.Outcomes.Select(o => o.Source));
        Assert.Contains(FakeChange.IdOf(2).ToString(), batch.Outcomes[2].Error!.Message, StringComparison.Ordinal);
        Assert.Equal("57P01", batch.Outcomes[2].Error!.SqlState);
        Assert.Equal([FakeChange.IdOf(0), FakeChange.IdOf(2)], batch.UnknownIds());
        Assert.Empty(batch.ChangedIds());
    }

    [Fact]
    public async Task What_was_sent_is_finished_and_nothing_more_is_sent()
    {
        var store = new FakeStore((number, _) => number switch
        {
            0 => Task.FromException(Gone),
            1 => Task.CompletedTask,
            2 => Task.FromException(new LeoException(LeoErrorId.ConnectionFailed, "nobody answers")),
            _ => throw new InvalidOperationException("was sent"),
        });
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2, maxInFlight: 9);
        for (int i = 0; i < 7; i++)
        {
            pipeline.Add(FakeChange.Of(i));
            await FakeStore.UntilAsync(() => store.Batches.Count == (i + 1) / 2);
        }

        FinishedBatch<FakeRow>[] sent = [.. pipeline.FinishSent()];

        Assert.Equal(3, sent.Length);
        Assert.Equal([FakeChange.IdOf(0), FakeChange.IdOf(1)], sent[0].UnknownIds());
        Assert.Equal((Gone, null, null), (sent[0].Lost, sent[1].Lost, sent[2].Lost));
        Assert.Equal([FakeChange.IdOf(2), FakeChange.IdOf(3)], sent[1].ChangedIds());
        AssertEach.Of(sent[2].Outcomes, o => Assert.Equal(LeoErrorId.ConnectionFailed, o.Error!.ErrorId));
        Assert.Empty(sent[2].UnknownIds());
        Assert.Empty(pipeline.Complete());
        Assert.Equal(3, store.Batches.Count);
    }

    [Fact]
    public void A_batch_that_was_done_in_part_knows_what_was_and_of_what_nobody_knows()
    {
        var store = new FakeStore(answer: change => (int)change.Source! == 0
            ? FakeStore.Changed(change)
            : ChangeOutcome<FakeRow>.Failed(change.Source, LeoErrors.Unanswered("handoff", change.Id, Gone)));
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2);
        pipeline.Add(FakeChange.Of(0));
        pipeline.Add(FakeChange.Of(1));

        FinishedBatch<FakeRow> batch = Assert.Single(pipeline.Complete());

        Assert.NotNull(batch.Lost);
        Assert.Equal([FakeChange.IdOf(0)], batch.ChangedIds());
        Assert.Equal([FakeChange.IdOf(1)], batch.UnknownIds());
    }

    [Fact]
    public void The_end_of_the_call_counts_and_lists_them()
    {
        LeoException end = LeoErrors.CallLost("handoff", [FakeChange.IdOf(1), FakeChange.IdOf(2)], Gone);
        LeoException whole = LeoErrors.AtomicLost("handoff", [FakeChange.IdOf(1)], Gone);

        Assert.Equal((LeoErrorId.ConnectionLost, 2), (end.ErrorId, end.UnknownIds.Count));
        Assert.Contains("gone The call ended here: 2 handoffs were on their way", end.Message, StringComparison.Ordinal);
        Assert.Equal([FakeChange.IdOf(1)], whole.UnknownIds);
        Assert.Contains("or none", whole.Message, StringComparison.Ordinal);
    }
}
