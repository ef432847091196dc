using LeoPS.Ports;
using LeoPS.Postgres.Connections;

namespace LeoPS.Postgres.Watching;

/// <summary>Waits on a watcher's line, and reads nothing.</summary>
internal sealed class ChangeSignal(WatchLine line, string role) : IChangeSignal
{
    public bool IsNotified => line.IsListening;

    public Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        async () =>
        {
            await (line.IsBroken ? ReopenAsync(longest, cancellationToken) : line.WaitAsync(longest, cancellationToken)).ConfigureAwait(false);
            line.Forget();
            return true;
        },
        role,
        cancellationToken);

    public ValueTask DisposeAsync() => line.DisposeAsync();

    /// <summary>Makes the line again. What was said while it was broken is lost, so whoever waits looks again at once.</summary>
    private async Task ReopenAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(longest);
        try
        {
            await line.OpenAsync(end.Token).ConfigureAwait(false);
            line.Worked();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The server is still away; the next wait tries again.
        }
    }
}
