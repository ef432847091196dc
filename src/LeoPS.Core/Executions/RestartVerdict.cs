using LeoPS.Changes;
using LeoPS.Flows;
using LeoPS.Statuses;

namespace LeoPS.Executions;

/// <summary>Why a run was not restarted, decided from what a later look shows; or, before anything is written, what would come of it.</summary>
public static class RestartVerdict
{
    private static readonly string _noun = ExecutionTransitions.Table.Noun;

    /// <summary>Decides about a run that the statement did not restart.</summary>
    /// <param name="rules">The rules of the call.</param>
    /// <param name="id">The run meant.</param>
    /// <param name="guard">What the object knew of its row; null for a bare id.</param>
    /// <param name="sight">What the look shows.</param>
    /// <param name="role">The role in force, for messages.</param>
    /// <param name="waited">The lock timeout, for messages.</param>
    /// <param name="relooked">True where <paramref name="guard"/> was taken from an earlier look at a bare id.</param>
    /// <returns>Failed with its error; LookAgain where the run may be restarted now.</returns>
    public static Verdict Of(RunStartRules rules, Guid id, RowGuard? guard, RestartSight sight, string role, TimeSpan waited, bool relooked)
    {
        bool moved = sight.Row is { } row && guard is { } known && !Verdict.Holds(known, row);
        if (moved && relooked)
        {
            return new Verdict(VerdictKind.LookAgain, null);
        }

        if (Preview(rules, id, guard, sight, role) is { } refusal)
        {
            return Fail(refusal);
        }

        string label = Label(sight.Row!);
        if (sight.FlowHeld)
        {
            return Fail(LeoErrors.RowLocked(FlowVerdict.Noun, sight.Row!.FlowKey ?? sight.Row.FlowId.ToString(), waited));
        }

        if (sight.Held)
        {
            return Fail(LeoErrors.RowLocked(_noun, label, waited));
        }

        // A bare id may have come to its end between the two statements: once more, guarded by this look.
        return guard is null ? new Verdict(VerdictKind.LookAgain, null) : Fail(LeoErrors.Forbidden(_noun, label, role));
    }

    /// <summary>What stands in the way before anything is written; null where nothing can be seen that does.</summary>
    public static LeoException? Preview(RunStartRules rules, Guid id, RowGuard? guard, RestartSight sight, string role)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (sight.Row is not { } row)
        {
            return LeoErrors.NotFound(_noun, id.ToString(), role);
        }

        string label = Label(row);
        if (sight.RestartedAs is { } successor && !rules.Force)
        {
            return new LeoException(
                LeoErrorId.StatusConflict, $"Execution {label} was restarted already, as {LeoErrors.Short(successor)}. Restart that one where it failed too; -Force restarts this one once more, and restartedAs then names the newest.");
        }

        if (guard is { } known && !Verdict.Holds(known, row))
        {
            return LeoErrors.StatusConflict(_noun, label, known.StatusText, row.Status, null);
        }

        if (RunEnd.Missing(row) is { } going)
        {
            return going;
        }

        if (!sight.FlowIsThere)
        {
            return LeoErrors.FlowNotFound(row.FlowId.ToString(), role);
        }

        if (!rules.Allows(sight.FlowStatus))
        {
            return LeoErrors.FlowNotRunnable(row.FlowKey ?? row.FlowId.ToString(), sight.FlowStatus);
        }

        return sight.TakesLink
            ? null
            : new LeoException(LeoErrorId.InvalidJson, $"The metadata of execution {label} is no JSON object, and cannot name the run that it is restarted as. Make an object of it with SQL.");
    }

    private static string Label(FlowExecution row) => ((IStatusRow<ExecutionStatus>)row).GetLabel();

    private static Verdict Fail(LeoException error) => new(VerdictKind.Failed, error);
}
