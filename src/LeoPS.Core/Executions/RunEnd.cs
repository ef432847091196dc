using LeoPS.Statuses;

namespace LeoPS.Executions;

/// <summary>Whether a run has ended.</summary>
public static class RunEnd
{
    /// <summary>Statuses of runs that have ended.</summary>
    public static IReadOnlyList<ExecutionStatus> Statuses { get; } = [.. StatusNames<ExecutionStatus>.All.Where(ExecutionTransitions.Table.IsTerminal)];

    /// <summary>Why a run counts as going on; null where it has ended.</summary>
    /// <param name="row">The run.</param>
    /// <param name="advice">What else can be done about it, for the message; empty for nothing.</param>
    public static LeoException? Missing(FlowExecution row, string advice = "")
    {
        ArgumentNullException.ThrowIfNull(row);
        string label = ((IStatusRow<ExecutionStatus>)row).GetLabel();
        return row.Status switch
        {
            null => new LeoException(LeoErrorId.ExecutionStillRunning, $"Execution {label} has no status, so that nobody knows whether it has ended. Give it one with SQL.{advice}"),
            { } status when ExecutionTransitions.Table.IsTerminal(status) => null,
            { } status => new LeoException(
                LeoErrorId.ExecutionStillRunning, $"Execution {label} is {status} and has not ended. Wait for it (Wait-FlowExecution), or end it (Complete-FlowExecution, Stop-FlowExecution).{advice}"),
        };
    }
}
