namespace LeoPS.Executions;

/// <summary>How long a run may have been going before duration_ms, an integer of milliseconds, cannot say it.</summary>
public static class ExecutionDuration
{
    /// <summary>About 24.85 days, a second less than the column holds: closing takes a moment, too.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue) - TimeSpan.FromSeconds(1);

    /// <summary>What the user is told of a run that took longer, or whose start is no usable time.</summary>
    /// <param name="row">The run as it is now.</param>
    public static string Note(FlowExecution row)
    {
        string what = $"The start of execution {row.Id} ({row.ExecutionKey}) is more than 24.8 days from its end, which duration_ms cannot say";
        return row.CompletedAt is null
            ? $"{what} and the database's trigger cannot compute: it was closed with completed_at and duration_ms left empty."
            : $"{what}: it was closed with duration_ms left empty.";
    }
}
