using LeoPS.Changes;
using LeoPS.Flows;

namespace LeoPS.Executions;

/// <summary>Why a run was not started, decided from what a later look shows; or, before anything is written, what would come of it.</summary>
public static class StartVerdict
{
    /// <summary>Decides.</summary>
    /// <param name="rules">The rules of the call.</param>
    /// <param name="start">What was to be started.</param>
    /// <param name="sight">What the look shows.</param>
    /// <param name="role">The role in force, for messages.</param>
    /// <param name="waited">The lock timeout, for messages.</param>
    /// <returns>Failed with its error; AlreadyThere for a run that is taken as it is; LookAgain where nothing stands in the way now.</returns>
    public static Verdict Of(RunStartRules rules, RunStart start, StartSight sight, string role, TimeSpan waited)
    {
        if (start.Restored is not null && sight.IdIsThere)
        {
            return Fail(Taken($"Execution {start.Id} ({start.ExecutionKey})"));
        }

        if (sight.Existing is { } existing)
        {
            return OfTaken(rules, start, sight, existing);
        }

        if (sight.FlowId is not { } flowId)
        {
            return Fail(LeoErrors.FlowNotFound(start.FlowLabel, role));
        }

        // A run of the past is written whether its flow still starts or not.
        if (!start.IsPast && !rules.Allows(sight.FlowStatus))
        {
            return Fail(LeoErrors.FlowNotRunnable(sight.FlowKey ?? flowId.ToString(), sight.FlowStatus));
        }

        return sight.FlowHeld
            ? Fail(LeoErrors.RowLocked(FlowVerdict.Noun, start.FlowLabel, waited))
            : new Verdict(VerdictKind.LookAgain, null);
    }

    /// <summary>A key that is taken, and by nobody who can be seen.</summary>
    public static LeoException HiddenKey(string key, string role) => new(
        LeoErrorId.DuplicateExecutionKey, $"The execution key {key} is taken by a run that is hidden from role {role} by row level security. Choose another key.");

    /// <summary>A run that is put back and is there.</summary>
    /// <param name="what">What is there, such as "Execution" and its id.</param>
    public static LeoException Taken(string what) => new(
        LeoErrorId.StatusConflict,
        $"{what} is there already, and was left as it is: -FromJson puts back what is gone. To have the line instead, remove the run first (Remove-FlowExecution).");

    private static Verdict OfTaken(RunStartRules rules, RunStart start, StartSight sight, FlowExecution existing)
    {
        string key = existing.ExecutionKey;
        string what = $"Execution {existing.Id} has the key {key} already, and is {existing.Status?.ToString() ?? "without a status"}";
        if (start.Restored is not null)
        {
            return Fail(new LeoException(LeoErrorId.DuplicateExecutionKey, $"{what}. Execution {start.Id} had that key and was not put back: no two runs have one key. Remove or keep the run that has it now."));
        }

        if (rules.OnConflict == KeyConflict.Fail)
        {
            return Fail(new LeoException(LeoErrorId.DuplicateExecutionKey, $"{what}. Nothing was started; {(rules.MayTakeExisting ? "-OnConflict UseExisting gives that run" : "choose another key, or leave -ExecutionKey out")}."));
        }

        // A flow that is hidden is known by its id alone.
        if ((start.FlowId ?? sight.FlowId) != existing.FlowId)
        {
            return Fail(new LeoException(LeoErrorId.DuplicateExecutionKey, $"{what}, but it is a run of flow {existing.FlowKey ?? existing.FlowId.ToString()} and not of {LeoErrors.Short(start.FlowLabel)}. Choose another key."));
        }

        return sight.SameInput
            ? new Verdict(VerdictKind.AlreadyThere, null)
            : Fail(new LeoException(LeoErrorId.DuplicateExecutionKey, $"{what}, but it has another input. A key stands for one input: choose another key, or give the same input."));
    }

    private static Verdict Fail(LeoException error) => new(VerdictKind.Failed, error);
}
