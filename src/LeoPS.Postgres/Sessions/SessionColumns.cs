using LeoPS.Sessions;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Sessions;

/// <summary>exec_implementation_sessions as statements have it.</summary>
internal static class SessionColumns
{
    public const string Table = "exec_implementation_sessions";

    public static readonly TableDefinition Definition = new(
        Table,
        SessionVerdict.Noun,
        Alias: "s",
        Columns: ["id", "sd_id", "status", "implementation_type", "started_at", "completed_at", "created_at", "updated_at"],
        StatusColumn: "status",
        UpdatedColumn: "updated_at",
        NameColumns: ["sd.sd_key", "sd.title"],
        NameJoin: "left join public.strategic_directives_v2 sd on sd.id = s.sd_id")
    {
        ReadAs = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["status"] = "text",
            ["implementation_type"] = "text",
            ["started_at"] = "timestamptz",
            ["completed_at"] = "timestamptz",
            ["created_at"] = "timestamptz",
            ["updated_at"] = "timestamptz",
        },
    };
}
