using LeoPS.Handoffs;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Handoffs;

/// <summary>exec_handoff_preparations as statements have it.</summary>
internal static class HandoffColumns
{
    public const string Table = "exec_handoff_preparations";

    public static readonly TableDefinition Definition = new(
        Table,
        HandoffTransitions.Table.Noun,
        Alias: "h",
        Columns:
        [
            "id", "session_id", "sd_id", "handoff_status", "implementation_summary",
            "quality_metrics", "test_results", "performance_benchmarks", "security_validation", "accessibility_compliance",
            "demo_url", "documentation_url", "test_report_url",
            "deliverables_manifest", "known_issues", "post_implementation_notes",
            "prepared_at", "sent_at", "response_at", "created_at", "updated_at",
        ],
        StatusColumn: "handoff_status",
        UpdatedColumn: "updated_at",
        NameColumns: ["sd.sd_key", "sd.title"],
        NameJoin: "left join public.strategic_directives_v2 sd on sd.id = h.sd_id");
}
