namespace LeoPS.Executions;

/// <summary>Which runs a clean-up by age means.</summary>
public static class RetentionRules
{
    /// <summary>What can be done about a run that has not ended, for messages.</summary>
    public const string Advice = " -Force removes it all the same.";

    /// <summary>Fails where the selection would delete what nobody can mean.</summary>
    /// <returns>True.</returns>
    /// <exception cref="LeoException">ValueOutOfRange for no age; ExecutionStillRunning for statuses of runs that have not ended, without force.</exception>
    public static bool Check(TimeSpan olderThan, IReadOnlyList<ExecutionStatus>? statuses, bool force)
    {
        if (olderThan <= TimeSpan.Zero)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, "An age of nothing means every run that has ended. Give an age such as 90d, or pipe the runs in.");
        }

        ExecutionStatus[] going = [.. (statuses ?? []).Where(s => !RunEnd.Statuses.Contains(s))];
        return going.Length == 0 || force
            ? true
            : throw new LeoException(LeoErrorId.ExecutionStillRunning, $"Runs that are {string.Join(" or ", going)} have not ended, and are not removed. -Force removes them all the same.");
    }

    /// <summary>The selection: without statuses those that have ended, and by force all.</summary>
    public static ExecutionFilter Filter(TimeSpan olderThan, IReadOnlyList<ExecutionStatus>? statuses, IReadOnlyList<string>? flowKeys, bool force) =>
        new() { EndedLongerAgo = olderThan, FlowKeys = flowKeys, Statuses = statuses ?? (force ? null : RunEnd.Statuses) };
}
