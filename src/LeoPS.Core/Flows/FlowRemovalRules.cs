using System.Globalization;

namespace LeoPS.Flows;

/// <summary>What a removal of flows may take along: the database deletes the executions of a flow together with it.</summary>
/// <param name="IncludeExecutions">True where flows are deleted that have executions.</param>
/// <param name="Force">True where executions that have not ended are deleted, too.</param>
/// <param name="CopiesExecutions">True where a copy of each execution is written first.</param>
public sealed record FlowRemovalRules(bool IncludeExecutions, bool Force, bool CopiesExecutions)
{
    /// <summary>True where it does not matter which executions a flow has.</summary>
    public bool TakesAny => IncludeExecutions && Force && !CopiesExecutions;

    /// <summary>Fails where executions would be deleted without the copy that flows get, or a copy is asked for of what is not deleted.</summary>
    /// <exception cref="LeoException">ExportFailed.</exception>
    public static void CheckExports(bool includesExecutions, bool copiesFlows, bool copiesExecutions)
    {
        if (includesExecutions && copiesFlows && !copiesExecutions)
        {
            throw new LeoException(
                LeoErrorId.ExportFailed, "-ExportPath keeps a copy of the flows, and -IncludeExecutions deletes their executions without one. Name a second file for them: -ExecutionExportPath.");
        }

        if (copiesExecutions && !includesExecutions)
        {
            throw new LeoException(LeoErrorId.ExportFailed, "-ExecutionExportPath copies executions that are deleted, and none are without -IncludeExecutions. Give both, or neither.");
        }
    }

    /// <summary>What stands in the way of a flow's removal on the side of its executions; null for nothing.</summary>
    /// <param name="label">How messages name the flow.</param>
    /// <param name="executions">What it has.</param>
    /// <param name="role">The role in force, for messages.</param>
    public LeoException? Obstacle(string label, FlowExecutionCount executions, string role)
    {
        if (executions.MayBeHidden && !TakesAny)
        {
            string unknown = !IncludeExecutions ? "whether the flow has none" : !Force ? "whether all have ended" : "that each is copied";
            return new LeoException(
                LeoErrorId.Forbidden,
                $"Flow {label} was not removed: row level security applies to the executions that role {role} sees, so it is not known {unknown}, and the database would delete "
                + "hidden ones with the flow. Connect as a role that sees all, such as service_role.");
        }

        if (executions.Count > 0 && !IncludeExecutions)
        {
            return new LeoException(
                LeoErrorId.FlowHasExecutions,
                $"Flow {label} has {Executions(executions.Count)}, which the database would delete with it; it was not removed. Keep it and archive it (Set-Flow -Status Archived), "
                + "or remove flow and executions with -IncludeExecutions; -ExportPath and -ExecutionExportPath keep copies.");
        }

        return executions.Going > 0 && !Force
            ? new LeoException(
                LeoErrorId.ExecutionStillRunning,
                $"Flow {label} has {Executions(executions.Going)} that {(executions.Going == 1 ? "has" : "have")} not ended; it was not removed. Wait for the end (Wait-FlowExecution) or stop what runs (Stop-FlowExecution). "
                + "-Force removes it all the same.")
            : null;
    }

    private static string Executions(long count) => count == 1 ? "1 execution" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} executions");
}
