using LeoPS.Directives;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Directives;

/// <summary>strategic_directives_v2 as statements have it.</summary>
internal static class DirectiveColumns
{
    public const string Table = "strategic_directives_v2";

    public static readonly TableDefinition Definition = new(
        Table,
        DirectiveVerdict.Noun,
        Alias: "sd",
        Columns: ["id", "sd_key", "title", "status", "category", "priority", "description", "rationale", "scope", "created_at", "updated_at"],
        StatusColumn: "status",
        UpdatedColumn: "updated_at",
        NameColumns: [],
        NameJoin: "")
    {
        ReadAs = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = "text",
            ["status"] = "text",
            ["category"] = "text",
            ["priority"] = "text",
            ["description"] = "text",
            ["rationale"] = "text",
            ["scope"] = "text",
            ["created_at"] = "timestamptz",
            ["updated_at"] = "timestamptz",
        },
    };
}
