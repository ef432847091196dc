namespace LeoPS.Changes;

/// <summary>
/// Begins asynchronous work on the thread that waits for it. A thread of the pool would only hand it over and, at its end, spin for more: for one row that is
/// most of what the call costs.
/// </summary>
public static class OnThisThread
{
    /// <summary>Begins, and comes back where the work first waits. What it throws is in the task.</summary>
    /// <param name="work">The work. A context of this thread, which waits, is not its own.</param>
    public static Task<T> Begin<T>(Func<Task<T>> work)
    {
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return RunAsync(work);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private static async Task<T> RunAsync<T>(Func<Task<T>> work) => await work().ConfigureAwait(false);
}
