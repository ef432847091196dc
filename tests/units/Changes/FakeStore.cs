using LeoPS.Changes;

namespace LeoPS.Units.Changes;

/// <summary>Stands in for the storage: writes down what it is given, and answers as the test says.</summary>
internal sealed class FakeStore(Func<int, CancellationToken, Task>? work = null, Func<FakeChange, ChangeOutcome<FakeRow>>? answer = null)
{
    private readonly object _lock = new();
    private readonly List<IReadOnlyList<FakeChange>> _batches = [];
    private readonly HashSet<Guid> _onTheirWay = [];
    private int _running;

    /// <summary>The batches as they came.</summary>
    public IReadOnlyList<IReadOnlyList<FakeChange>> Batches
    {
        get
        {
            lock (_lock)
            {
                return [.. _batches];
            }
        }
    }

    public int Running
    {
        get
        {
            lock (_lock)
            {
                return _running;
            }
        }
    }

    /// <summary>The most batches that were here at the same time.</summary>
    public int MostRunning { get; private set; }

    /// <summary>True where an id was here twice at the same time.</summary>
    public bool SharedAnId { get; private set; }

    public static ChangeOutcome<FakeRow> Changed(FakeChange change) => ChangeOutcome<FakeRow>.Changed(change.Source, new FakeRow(change.Id));

    public async Task<IReadOnlyList<ChangeOutcome<FakeRow>>> ApplyAsync(IReadOnlyList<FakeChange> batch, CancellationToken cancellationToken)
    {
        int number;
        lock (_lock)
        {
            number = _batches.Count;
            _batches.Add(batch);
            _running++;
            MostRunning = Math.Max(MostRunning, _running);
            SharedAnId |= batch.Any(change => !_onTheirWay.Add(change.Id));
        }

        try
        {
            await (work?.Invoke(number, cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
            return [.. batch.Select(answer ?? Changed)];
        }
        finally
        {
            lock (_lock)
            {
                _running--;
                _onTheirWay.ExceptWith(batch.Select(change => change.Id));
            }
        }
    }

    public ChangePipeline<FakeChange, FakeRow> Pipeline(
        int batchSize, int maxInFlight = 3, TimeProvider? clock = null, CancellationToken stop = default) =>
        new(
            ApplyAsync,
            new ChangePipelineOptions { BatchSize = batchSize, MaxInFlight = maxInFlight, Noun = "handoff", Clock = clock ?? new ManualClock() },
            stop);

    /// <summary>Starts a thread for the work and returns when it stays blocked, or has ended.</summary>
    public static async Task<Thread> StartUntilBlockedAsync(ThreadStart work)
    {
        var thread = new Thread(work) { IsBackground = true };
        thread.Start();
        // A lock of the runtime blocks a thread for a moment, too.
        int blocked = 0;
        await UntilAsync(() =>
        {
            blocked = thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin) ? blocked + 1 : 0;
            return blocked == 20 || !thread.IsAlive;
        });
        return thread;
    }

    /// <summary>Waits until a condition holds, at most half a minute.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isSo())
        {
            await Task.Delay(1, patience.Token).ConfigureAwait(false);
        }
    }
}
