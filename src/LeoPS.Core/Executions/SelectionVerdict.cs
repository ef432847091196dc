using LeoPS.Changes;

namespace LeoPS.Executions;

/// <summary>What becomes of runs that a filter selected, where the row was seen first and changed a moment later.</summary>
public static class SelectionVerdict
{
    /// <summary>True for a run that was selected and is not any more: somebody ended, changed or deleted it in between. There is nothing to say of it.</summary>
    public static bool MovedOn(ChangeOutcome<FlowExecution> outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return outcome.Kind == OutcomeKind.Unchanged
            || outcome.Error is { ErrorId: LeoErrorId.InvalidTransition or LeoErrorId.StatusConflict or LeoErrorId.NotFound };
    }

    /// <summary>The change of an orphan: guarded by what the look saw, with the fate of its owner where no reason is given.</summary>
    public static ExecutionChange Reap(FlowExecution orphan, string? reason)
    {
        ArgumentNullException.ThrowIfNull(orphan);
        string fate = $"The owner of the run, {RunOwner.Of(orphan)?.ToString() ?? "a process"}, is gone ({orphan.OrphanEvidence}).";
        RunValues values = reason is null ? new RunValues { Error = RunError.Of(fate, null, null) } : RunValues.None;
        return new ExecutionChange(orphan.Id, orphan.Guard, orphan, orphan, values);
    }
}
