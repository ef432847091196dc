using LeoPS.Ports;
using LeoPS.Units.Changes;

namespace LeoPS.Units.Executions;

/// <summary>A signal whose waits move a clock, and that may be told at times.</summary>
internal sealed class FakeSignal(ManualClock clock) : IChangeSignal
{
    private readonly Queue<int> _told = new();
    private int _now;

    public bool IsNotified { get; set; }

    /// <summary>How long each wait was allowed to be, in milliseconds.</summary>
    public List<double> Waits { get; } = [];

    /// <summary>Something is told, so many milliseconds from the beginning on.</summary>
    public void Tell(params int[] at) => Array.ForEach(at, _told.Enqueue);

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfLessThan(atMost, TimeSpan.Zero);
        Waits.Add(atMost.TotalMilliseconds);
        int most = (int)Math.Ceiling(atMost.TotalMilliseconds);
        int wait = IsNotified && _told.TryPeek(out int next) && next - _now <= most ? Math.Max(0, _told.Dequeue() - _now) : most;
        _now += wait;
        clock.Advance(wait);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
