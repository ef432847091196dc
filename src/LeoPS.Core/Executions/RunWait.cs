using LeoPS.Ports;
using LeoPS.Reading;

namespace LeoPS.Executions;

/// <summary>
/// A wait for runs to end: looks at all of them at once, at first and then whenever something may have changed, or after pauses that grow.
/// It outlives a broken connection for a minute.
/// </summary>
/// <param name="look">Shows those of some runs that are not going on: ended, or not there.</param>
/// <param name="signal">Tells that something may have changed; belongs to whoever made it.</param>
/// <param name="ids">The runs; each once.</param>
/// <param name="timeout">How long to wait; zero for a single look, null for ever.</param>
/// <param name="any">True where one run that has ended is enough.</param>
/// <param name="clock">The clock of all pauses.</param>
public sealed class RunWait(
    Func<IReadOnlyList<Guid>, CancellationToken, Task<IReadOnlyList<WaitedRun>>> look, IChangeSignal signal, IReadOnlyList<Guid> ids, TimeSpan? timeout, bool any, TimeProvider clock)
{
    /// <summary>The first pause, where nobody tells of changes; each next one is half as long again.</summary>
    internal static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause, where nobody tells of changes.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Even where changes are told it is looked this often: a trigger can be disabled.</summary>
    internal static readonly TimeSpan ToldPause = TimeSpan.FromSeconds(15);

    /// <summary>How long a server may be away.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Looks may take one part in so many of the time, however fast changes are told or however many runs are waited for.</summary>
    private const int Share = 5;

    private static readonly TimeSpan _shortestGap = TimeSpan.FromMilliseconds(10);

    private readonly long _start = clock.GetTimestamp();
    private List<Guid> _left = [.. ids];
    private TimeSpan _pause = FirstPause;
    private TimeSpan _lastLook;
    private long _lookedAt;
    private long? _lostAt;
    private bool _looked;
    private bool _stopped;

    /// <summary>True when there is nothing to wait for any more.</summary>
    public bool IsOver => _stopped || _left.Count == 0;

    /// <summary>How many runs are still waited for.</summary>
    public int Left => _left.Count;

    /// <summary>Looks, at first at once and then when something may have changed; gives what the look brought, which may be nothing.</summary>
    /// <exception cref="LeoException">What the look throws; ConnectionLost only where the server has been away for a minute.</exception>
    public async Task<RunNews> NextAsync(CancellationToken cancellationToken)
    {
        if (_looked)
        {
            await PauseAsync(cancellationToken).ConfigureAwait(false);
        }

        // Before the look: one that begins when the time is up is the last.
        bool due = Remaining() <= TimeSpan.Zero;
        long began = clock.GetTimestamp();
        IReadOnlyList<WaitedRun> seen;
        try
        {
            seen = await look(_left, cancellationToken).ConfigureAwait(false);
            _lostAt = null;
        }
        catch (LeoException e) when (e.ErrorId == LeoErrorId.ConnectionLost && _looked && clock.GetElapsedTime(_lostAt ??= began) < Patience)
        {
            seen = [];
        }

        _lookedAt = clock.GetTimestamp();
        _lastLook = _lostAt is null ? Shorter(clock.GetElapsedTime(began, _lookedAt), LongestPause) : TimeSpan.Zero;
        RunNews news = Take(seen);
        _looked = true;
        if (due && !IsOver)
        {
            _stopped = true;
            return news with { Overdue = _left };
        }

        return news;
    }

    private TimeSpan Remaining() => timeout is { } longest ? longest - clock.GetElapsedTime(_start) : TimeSpan.MaxValue;

    private RunNews Take(IReadOnlyList<WaitedRun> seen)
    {
        if (seen.Count == 0)
        {
            return RunNews.None;
        }

        HashSet<Guid> gone = [.. seen.Where(s => s.Ended is null).Select(s => s.Id)];
        List<Guid> missing = _left.FindAll(gone.Contains);
        ReadItem<FlowExecution>[] ended = [.. seen.Where(s => s.Ended is not null).Select(s => s.Ended!.Value)];
        if (any && ended.Length > 0)
        {
            _stopped = true;
            ended = [ended.OrderBy(e => e.Row.CompletedAt ?? DateTimeOffset.MaxValue).First()];
        }

        HashSet<Guid> done = [.. seen.Select(s => s.Id)];
        _left = _left.FindAll(id => !done.Contains(id));
        return new RunNews(ended, _looked ? [] : missing, _looked ? missing : [], []);
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        TimeSpan pause = signal.IsNotified ? ToldPause : Longer(_pause, _lastLook * (Share * 2));
        _pause = _pause * 1.5 < LongestPause ? _pause * 1.5 : LongestPause;
        // The time may have run out during the look; and a millisecond less than none is for ever to a timer.
        await signal.WaitAsync(Longer(TimeSpan.Zero, Shorter(pause, Remaining())), cancellationToken).ConfigureAwait(false);

        // What is told in quick succession is one look's work.
        for (TimeSpan gap = Gap(); gap >= TimeSpan.FromMilliseconds(1); gap = Gap())
        {
            await signal.WaitAsync(gap, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan Gap() => Shorter(Longer(_shortestGap, _lastLook * Share) - clock.GetElapsedTime(_lookedAt), Remaining());

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
