using LeoPS.Changes;

namespace LeoPS.Units.Changes;

public sealed class OnThisThreadTests
{
    [Fact]
    public async Task It_begins_here_and_comes_back_at_the_first_wait()
    {
        int here = Environment.CurrentManagedThreadId;
        int begun = 0;
        var wait = new TaskCompletionSource();
        Task<int> work = OnThisThread.Begin(async () =>
        {
            begun = Environment.CurrentManagedThreadId;
            await wait.Task.ConfigureAwait(false);
            return 7;
        });
        Assert.Equal(here, begun);
        Assert.False(work.IsCompleted);
        wait.SetResult();
        Assert.Equal(7, await work);
    }

    [Fact]
    public void A_host_whose_thread_has_a_context_does_not_wait_for_itself()
    {
        var context = new NobodyPumps();
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            Task<int> work = OnThisThread.Begin(async () =>
            {
#pragma warning disable xUnit1030, MA0004 // Without ConfigureAwait, as somebody else's code may be.
                await Task.Delay(1);
#pragma warning restore xUnit1030, MA0004
                return 7;
            });
            Assert.True(((IAsyncResult)work).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
            Assert.Same(context, SynchronizationContext.Current);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    [Fact]
    public async Task What_is_thrown_before_the_first_wait_is_in_the_task()
    {
        Task<int> work = OnThisThread.Begin<int>(() => throw new InvalidOperationException("at once"));
        Assert.Equal("at once", (await Assert.ThrowsAsync<InvalidOperationException>(() => work)).Message);
        Assert.True(OnThisThread.Begin<int>(() => throw new OperationCanceledException()).IsCanceled);
    }

    private sealed class NobodyPumps : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
