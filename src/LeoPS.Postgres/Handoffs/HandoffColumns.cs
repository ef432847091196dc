namespace LeoPS.Postgres.Handoffs;

/// <summary>The columns of exec_handoff_preparations that the model has, in the order in which every statement lists them.</summary>
internal static class HandoffColumns
{
    public const string Table = "exec_handoff_preparations";

    public static readonly string[] Known =
    [
        "id", "session_id", "sd_id", "handoff_status", "implementation_summary",
        "quality_metrics", "test_results", "performance_benchmarks", "security_validation", "accessibility_compliance",
        "demo_url", "documentation_url", "test_report_url",
        "deliverables_manifest", "known_issues", "post_implementation_notes",
        "prepared_at", "sent_at", "response_at", "created_at", "updated_at",
    ];
}
