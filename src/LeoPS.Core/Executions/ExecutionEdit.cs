using LeoPS.Changes;
using LeoPS.Statuses;

namespace LeoPS.Executions;

/// <summary>One run that is edited.</summary>
/// <param name="Id">The run meant.</param>
/// <param name="Known">What the object knew of its row; null for a bare id.</param>
/// <param name="Source">What the user gave; the TargetObject of an error.</param>
/// <param name="Update">What is written.</param>
public sealed record ExecutionEdit(Guid Id, RowGuard? Known, object? Source, RunUpdate Update) : IRowChange<Guid>
{
    /// <summary>None where numbers are only added: an object that is out of date does no harm then.</summary>
    public RowGuard? Guard => Update.OnlyAdds ? null : Known;

    /// <summary>Why a run is not edited; null where nothing stands in the way.</summary>
    /// <param name="row">The run as it is.</param>
    /// <param name="force">True where runs that have ended are edited, too.</param>
    public LeoException? Obstacle(FlowExecution row, bool force)
    {
        ArgumentNullException.ThrowIfNull(row);
        string label = ((IStatusRow<ExecutionStatus>)row).GetLabel();
        if (!force && (row.Status is not { } status || ExecutionTransitions.Table.IsTerminal(status)))
        {
            return new LeoException(
                LeoErrorId.InvalidTransition,
                row.Status is null
                    ? $"Execution {label} has no status and was not changed. Give it a status with SQL; -Force changes it all the same."
                    : $"Execution {label} is {row.Status} and was not changed: it has ended. -Force corrects a run that has.");
        }

        return Update.Values.AddedMetadata is null || TakesMembers(row.RawMetadata)
            ? null
            : new LeoException(LeoErrorId.InvalidJson, $"The metadata of execution {label} is no JSON object, so that there is nothing to merge into. Without -Merge the new metadata replaces it.");
    }

    /// <summary>The error of a run that this edit ended, because it consumed more than its budget.</summary>
    public static LeoException OverBudget(FlowExecution row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new LeoException(
            LeoErrorId.ExecutionCancelled,
            $"Execution {((IStatusRow<ExecutionStatus>)row).GetLabel()} is over its budget and was ended, as {row.Status} with killed_by_budget: {row.ErrorMessage} Restart-FlowExecution runs it again with the same limit.");
    }

    private static bool TakesMembers(string? metadata) => metadata is null or "null" || metadata.AsSpan().TrimStart().StartsWith("{");
}
