namespace LeoPS.Ports;

/// <summary>Tells that something may have changed. One caller at a time.</summary>
public interface IChangeSignal : IAsyncDisposable
{
    /// <summary>True where the server tells of changes; false where only time passes, and whoever waits has to look by himself.</summary>
    bool IsTold { get; }

    /// <summary>Waits until something may have changed, or that long. A line to the server that breaks is no failure: then time passes, until it is made again.</summary>
    Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken);
}
