using System.Diagnostics;
using System.Management.Automation;

namespace LeoPS.Abstractions;

/// <summary>How far a call has come, told after half a second and at most four times a second.</summary>
/// <param name="activity">What is going on.</param>
internal sealed class CallProgress(string activity)
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _each = TimeSpan.FromMilliseconds(250);
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan? _told;

    /// <summary>Since the call began.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>What is to be shown now; null for nothing.</summary>
    /// <param name="status">How far it has come.</param>
    /// <param name="percent">The same in percent; -1 where nobody knows the whole.</param>
    public ProgressRecord? Tell(Func<string> status, int percent = -1)
    {
        TimeSpan now = Elapsed;
        if (now < _first || now - _told < _each)
        {
            return null;
        }

        _told = now;
        return new ProgressRecord(1, activity, status()) { PercentComplete = percent };
    }

    /// <summary>Takes away what is shown; null where nothing is.</summary>
    public ProgressRecord? End() =>
        _told is null ? null : new ProgressRecord(1, activity, "done") { RecordType = ProgressRecordType.Completed };
}
