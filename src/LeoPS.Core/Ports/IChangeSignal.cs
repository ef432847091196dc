namespace LeoPS.Ports;

/// <summary>Tells that rows of a table may have changed. Holds a connection until it is disposed; for one thread at a time.</summary>
public interface IChangeSignal : IAsyncDisposable
{
    /// <summary>True where the server says when a status has changed; false where nothing comes before the time is up, so that the time should be short.</summary>
    bool IsNotified { get; }

    /// <summary>
    /// Waits until a change was committed since the signal was opened or the last wait ended, or the time is up. It may end early; a
    /// connection that breaks ends it too, and is made again by later waits.
    /// </summary>
    /// <param name="longest">How long to wait at the most.</param>
    /// <param name="cancellationToken">Ends it with an exception.</param>
    Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken);
}
