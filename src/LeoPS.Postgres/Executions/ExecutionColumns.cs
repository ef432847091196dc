using LeoPS.Executions;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Executions;

/// <summary>crewai_flow_executions as statements have it.</summary>
internal static class ExecutionColumns
{
    public const string Table = "crewai_flow_executions";

    public static readonly TableDefinition Definition = new(
        Table,
        ExecutionTransitions.Table.Noun,
        Alias: "e",
        Columns:
        [
            "id", "flow_id", "execution_key", "input_state", "output_state", "status", "error_message", "error_stack", "error_type",
            "started_at", "completed_at", "duration_ms", "token_count", "cost_usd", "board_meeting_id", "executed_by", "execution_mode", "metadata",
        ],
        StatusColumn: "status",
        UpdatedColumn: null,
        NameColumns: ["f.flow_key", "f.flow_name"],
        NameJoin: "left join public.crewai_flows f on f.id = e.flow_id");

    /// <summary>The table with the columns of governance, for which there are parameters, too.</summary>
    public static readonly TableDefinition WithGovernance = Definition with { Columns = [.. Definition.Columns, .. Governance.All] };
}
