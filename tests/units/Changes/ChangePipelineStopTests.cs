using System.Collections.Concurrent;
using System.Diagnostics;
using LeoPS.Changes;

namespace LeoPS.Units.Changes;

public sealed class ChangePipelineStopTests
{
    [Fact]
    public async Task Stopping_cancels_and_waits_until_the_batch_has_ended()
    {
        bool rolledBack = false;
        var store = new FakeStore(async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(50, CancellationToken.None);
            rolledBack = true;
            token.ThrowIfCancellationRequested();
        });
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2);
        Add(pipeline, 0, 2);
        await FakeStore.UntilAsync(() => store.Running == 1);

        StoppedWork stopped = pipeline.Stop();

        Assert.True(rolledBack);
        Assert.Equal(0, store.Running);
        Assert.Empty(stopped.ChangedIds);
        Assert.Empty(stopped.UnknownIds);
    }

    /// <summary>The batch that the end was waiting for when it was broken off counts too.</summary>
    [Fact]
    public async Task Stopping_waits_for_the_batch_that_the_end_was_waiting_for()
    {
        using var user = new CancellationTokenSource();
        bool ended = false;
        var store = new FakeStore(async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(50, CancellationToken.None);
            ended = true;
        });
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2, stop: user.Token);
        Add(pipeline, 0, 2);
        Task end = Task.Run(() => pipeline.Complete().ToList());
        await FakeStore.UntilAsync(() => store.Running == 1);

        await user.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => end);
        StoppedWork stopped = pipeline.Stop();

        Assert.True(ended);
        Assert.Equal([FakeChange.IdOf(0), FakeChange.IdOf(1)], stopped.ChangedIds);
    }

    [Fact]
    public async Task Adding_that_waits_for_room_is_broken_off()
    {
        using var user = new CancellationTokenSource();
        var store = new FakeStore((_, token) => Task.Delay(Timeout.Infinite, token));
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2, maxInFlight: 1, stop: user.Token);
        Add(pipeline, 0, 2);
        Task adding = Task.Run(() => Add(pipeline, 2, 2));
        await FakeStore.UntilAsync(() => store.Running == 1);

        await user.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => adding);
        Assert.Single(store.Batches);
    }

    [Fact]
    public async Task Stopping_tells_what_changed_all_the_same_and_of_what_nobody_knows()
    {
        var store = new FakeStore(
            (number, token) => number switch
            {
                0 => Task.CompletedTask,
                1 => Task.FromException(new LeoException(LeoErrorId.ConnectionLost, "gone")),
                2 => Task.FromException(new LeoException(LeoErrorId.CommandTimedOut, "nothing of it was done")),
                3 => Task.FromException(new InvalidOperationException("unforeseen")),
                4 => Task.Delay(Timeout.Infinite, token),
                _ => Task.Delay(Timeout.Infinite, token).ContinueWith(_ => { }, TaskScheduler.Default),
            },
            change => (int)change.Source! % 2 == 0 ? FakeStore.Changed(change) : ChangeOutcome<FakeRow>.Unchanged(change.Source, new FakeRow(change.Id)));
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2, maxInFlight: 9);
        for (int batch = 0; batch < 6; batch++)
        {
            // One after the other: the store numbers them as they come.
            Add(pipeline, 2 * batch, 2);
            await FakeStore.UntilAsync(() => store.Batches.Count == batch + 1);
        }

        Add(pipeline, 100, 1);
        StoppedWork stopped = pipeline.Stop();

        Assert.Equal([FakeChange.IdOf(0), FakeChange.IdOf(10)], stopped.ChangedIds);
        Assert.Equal([FakeChange.IdOf(2), FakeChange.IdOf(3), FakeChange.IdOf(6), FakeChange.IdOf(7)], stopped.UnknownIds);
        Assert.Equal(6, store.Batches.Count);
        Assert.Equal(0, pipeline.InFlight);
    }

    /// <summary>Neither a batch that never ends nor a cancellation that hangs keeps the user waiting; and what comes late disturbs nobody.</summary>
    [Fact]
    public async Task Patience_has_an_end()
    {
        using var release = new ManualResetEventSlim();
        var late = new TaskCompletionSource();
        var unobserved = new ConcurrentQueue<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs e) => unobserved.Enqueue(e.Exception);
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            long start = Stopwatch.GetTimestamp();
            StoppedWork stopped = StopHanging(release, late.Task);

            Assert.InRange(Stopwatch.GetElapsedTime(start), ChangePipeline<FakeChange, FakeRow>.StopPatience - TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(15));
            Assert.Equal([FakeChange.IdOf(0), FakeChange.IdOf(1)], stopped.UnknownIds);
            Assert.Empty(stopped.ChangedIds);

            release.Set();
            late.SetException(new InvalidOperationException("much too late"));
            for (int i = 0; i < 5; i++)
            {
                await Task.Delay(20);
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            Assert.DoesNotContain(unobserved, e => e.ToString().Contains("much too late", StringComparison.Ordinal));
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
    }

    [Fact]
    public void A_stopped_pipeline_takes_nothing_and_sends_nothing()
    {
        var store = new FakeStore();
        ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(3);
        pipeline.Add(FakeChange.Of(0));
        Assert.Equal(StoppedWork.None.ChangedIds, pipeline.Stop().ChangedIds);

        AssertTakesNothing(pipeline);
        Assert.Same(StoppedWork.None, pipeline.Stop());
        pipeline.Dispose();
        AssertTakesNothing(pipeline);
        pipeline.Dispose();
        Assert.Same(StoppedWork.None, pipeline.Stop());
        Assert.Empty(pipeline.TakeFinished());
        Assert.Empty(store.Batches);
    }

    [Fact]
    public async Task A_cancelled_call_takes_nothing_and_sends_nothing()
    {
        using var user = new CancellationTokenSource();
        var store = new FakeStore();
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(3, stop: user.Token);
        pipeline.Add(FakeChange.Of(0));

        await user.CancelAsync();

        AssertTakesNothing(pipeline);
        Assert.Empty(pipeline.Stop().UnknownIds);
        Assert.Empty(store.Batches);
    }

    [Fact]
    public async Task A_call_cancelled_from_the_start_takes_nothing()
    {
        using var user = new CancellationTokenSource();
        await user.CancelAsync();
        var store = new FakeStore();
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(1, stop: user.Token);

        AssertTakesNothing(pipeline);
        Assert.Empty(store.Batches);
    }

    [Fact]
    public async Task Disposing_stops()
    {
        CancellationToken given = default;
        var store = new FakeStore((_, token) =>
        {
            given = token;
            return Task.Delay(Timeout.Infinite, token);
        });
        ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2);
        Add(pipeline, 0, 2);
        await FakeStore.UntilAsync(() => given.CanBeCanceled);

        pipeline.Dispose();

        Assert.True(given.IsCancellationRequested);
        Assert.Equal(0, store.Running);
    }

    /// <summary>What a consumer does that breaks off in the middle of the outcomes.</summary>
    [Fact]
    public async Task Stopping_between_two_outcomes_ends_them()
    {
        var store = new FakeStore();
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(1000);
        Add(pipeline, 0, 1000);
        await FakeStore.UntilAsync(() => store.Batches.Count == 1);
        Add(pipeline, 1000, 1000);
        using IEnumerator<FinishedBatch<FakeRow>> finished = pipeline.Complete().GetEnumerator();
        Assert.True(finished.MoveNext());

        StoppedWork stopped = pipeline.Stop();

        Assert.Equal(Enumerable.Range(1000, 1000).Select(FakeChange.IdOf), stopped.ChangedIds.Cast<Guid>());
        Assert.False(finished.MoveNext());
    }

    private static StoppedWork StopHanging(ManualResetEventSlim release, Task late)
    {
        using var hanging = new ManualResetEventSlim();
        var store = new FakeStore((_, token) =>
        {
            // As a driver does that asks an unreachable server to cancel.
            token.Register(() => release.Wait(TimeSpan.FromSeconds(30)));
            hanging.Set();
            return late;
        });
        using ChangePipeline<FakeChange, FakeRow> pipeline = store.Pipeline(2);
        Add(pipeline, 0, 2);
        Assert.True(hanging.Wait(TimeSpan.FromSeconds(30)));
        return pipeline.Stop();
    }

    private static void AssertTakesNothing(ChangePipeline<FakeChange, FakeRow> pipeline)
    {
        Assert.ThrowsAny<OperationCanceledException>(() => pipeline.Add(FakeChange.Of(900)));
        Assert.ThrowsAny<OperationCanceledException>(() => pipeline.Reject(1, new LeoException(LeoErrorId.NotFound, "none")));
        Assert.ThrowsAny<OperationCanceledException>(() => pipeline.Settle(ChangeOutcome<FakeRow>.Unchanged(1, new FakeRow(Guid.Empty))));
        Assert.ThrowsAny<OperationCanceledException>(() => pipeline.Complete().ToList());
    }

    private static void Add(ChangePipeline<FakeChange, FakeRow> pipeline, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            pipeline.Add(FakeChange.Of(i));
        }
    }
}
