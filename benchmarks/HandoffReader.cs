using Npgsql;

namespace LeoPS.Benchmarks;

/// <summary>What Get-HandoffPreparation is measured beside: a plain reader that fills a class from all 21 columns.</summary>
public sealed class HandoffReader
{
    public Guid Id { get; set; }
    public Guid SessionId { get; set; }
    public string SdId { get; set; } = "";
    public string HandoffStatus { get; set; } = "";
    public string ImplementationSummary { get; set; } = "";
    public string? QualityMetrics { get; set; }
    public string? TestResults { get; set; }
    public string? PerformanceBenchmarks { get; set; }
    public string? SecurityValidation { get; set; }
    public string? AccessibilityCompliance { get; set; }
    public string? DemoUrl { get; set; }
    public string? DocumentationUrl { get; set; }
    public string? TestReportUrl { get; set; }
    public string[]? DeliverablesManifest { get; set; }
    public string[]? KnownIssues { get; set; }
    public string? PostImplementationNotes { get; set; }
    public DateTime? PreparedAt { get; set; }
    public DateTime? SentAt { get; set; }
    public DateTime? ResponseAt { get; set; }
    public DateTime? CreatedAt { get; set; }
    public DateTime? UpdatedAt { get; set; }

    public static int ReadAll(string connectionString)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = new NpgsqlCommand(@"
            select id, session_id, sd_id, handoff_status, implementation_summary, quality_metrics, test_results, performance_benchmarks,
                   security_validation, accessibility_compliance, demo_url, documentation_url, test_report_url, deliverables_manifest,
                   known_issues, post_implementation_notes, prepared_at, sent_at, response_at, created_at, updated_at
            from exec_handoff_preparations", connection);
        using NpgsqlDataReader reader = command.ExecuteReader();
        var rows = 0;
        while (reader.Read())
        {
            var row = new HandoffReader
            {
                Id = reader.GetGuid(0),
                SessionId = reader.GetGuid(1),
                SdId = reader.GetString(2),
                HandoffStatus = reader.GetString(3),
                ImplementationSummary = reader.GetString(4),
                QualityMetrics = Text(reader, 5),
                TestResults = Text(reader, 6),
                PerformanceBenchmarks = Text(reader, 7),
                SecurityValidation = Text(reader, 8),
                AccessibilityCompliance = Text(reader, 9),
                DemoUrl = Text(reader, 10),
                DocumentationUrl = Text(reader, 11),
                TestReportUrl = Text(reader, 12),
                DeliverablesManifest = reader.IsDBNull(13) ? null : reader.GetFieldValue<string[]>(13),
                KnownIssues = reader.IsDBNull(14) ? null : reader.GetFieldValue<string[]>(14),
                PostImplementationNotes = Text(reader, 15),
                PreparedAt = Time(reader, 16),
                SentAt = Time(reader, 17),
                ResponseAt = Time(reader, 18),
                CreatedAt = Time(reader, 19),
                UpdatedAt = Time(reader, 20),
            };
            rows += row.SdId.Length > 0 ? 1 : 0;
        }

        return rows;
    }

    private static string? Text(NpgsqlDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);

    private static DateTime? Time(NpgsqlDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetDateTime(ordinal);
}
