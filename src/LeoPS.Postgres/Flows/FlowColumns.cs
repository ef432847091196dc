using LeoPS.Flows;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Flows;

/// <summary>crewai_flows as statements have it.</summary>
internal static class FlowColumns
{
    public const string Table = "crewai_flows";

    public static readonly TableDefinition Definition = new(
        Table,
        FlowVerdict.Noun,
        Alias: "f",
        Columns:
        [
            "id", "flow_key", "flow_name", "description", "flow_definition", "status", "version", "created_by",
            "tags", "metadata", "execution_count", "last_executed_at", "created_at", "updated_at",
        ],
        StatusColumn: "status",
        UpdatedColumn: "updated_at",
        NameColumns: [],
        NameJoin: "")
    {
        // The counting trigger writes them whenever a run starts.
        CountedColumns = ["execution_count", "last_executed_at"],
    };
}
