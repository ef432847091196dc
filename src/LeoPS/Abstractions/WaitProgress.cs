using System.Diagnostics;
using System.Management.Automation;
using LeoPS.Executions;

namespace LeoPS.Abstractions;

/// <summary>How far a wait has come, told after half a second and at most four times a second.</summary>
/// <param name="activity">What is going on.</param>
/// <param name="total">How many runs are waited for.</param>
internal sealed class WaitProgress(string activity, int total)
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _each = TimeSpan.FromMilliseconds(250);
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _told = TimeSpan.MinValue;

    /// <summary>What is to be shown now; null for nothing.</summary>
    public ProgressRecord? Of(RunWait wait)
    {
        TimeSpan now = Stopwatch.GetElapsedTime(_start);
        bool shown = _told != TimeSpan.MinValue;
        if (wait.IsOver)
        {
            return shown ? new ProgressRecord(1, activity, "done") { RecordType = ProgressRecordType.Completed } : null;
        }

        if (now < _first || (shown && now - _told < _each))
        {
            return null;
        }

        _told = now;
        return new ProgressRecord(1, activity, $"{total - wait.Left:N0} of {total:N0} runs have ended") { PercentComplete = (int)(100L * (total - wait.Left) / total) };
    }
}
