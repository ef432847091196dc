namespace LeoPS.Handoffs;

/// <summary>A handoff as one line of JSON, lossless; see <see cref="JsonLine"/>.</summary>
public static class HandoffJson
{
    /// <summary>The line, without its end.</summary>
    public static string Line(HandoffPreparation row) => new JsonLine()
        .Text(nameof(row.Id), row.Id.ToString())
        .Text(nameof(row.SessionId), row.SessionId.ToString())
        .Text(nameof(row.SdId), row.SdId)
        .Text(nameof(row.SdKey), row.SdKey)
        .Text(nameof(row.SdTitle), row.SdTitle)
        .Text(nameof(row.HandoffStatus), row.HandoffStatus.ToString())
        .Text(nameof(row.ImplementationSummary), row.ImplementationSummary)
        .Raw(nameof(row.QualityMetrics), row.RawQualityMetrics)
        .Raw(nameof(row.TestResults), row.RawTestResults)
        .Raw(nameof(row.PerformanceBenchmarks), row.RawPerformanceBenchmarks)
        .Raw(nameof(row.SecurityValidation), row.RawSecurityValidation)
        .Raw(nameof(row.AccessibilityCompliance), row.RawAccessibilityCompliance)
        .Text(nameof(row.DemoUrl), row.DemoUrl)
        .Text(nameof(row.DocumentationUrl), row.DocumentationUrl)
        .Text(nameof(row.TestReportUrl), row.TestReportUrl)
        .Raw(nameof(row.DeliverablesManifest), row.DeliverablesManifest?.ToString())
        .Raw(nameof(row.KnownIssues), row.KnownIssues?.ToString())
        .Text(nameof(row.PostImplementationNotes), row.PostImplementationNotes)
        .Time(nameof(row.PreparedAt), row.PreparedAt)
        .Time(nameof(row.SentAt), row.SentAt)
        .Time(nameof(row.ResponseAt), row.ResponseAt)
        .Time(nameof(row.CreatedAt), row.CreatedAt)
        .Time(nameof(row.UpdatedAt), row.UpdatedAt)
        .Number(nameof(row.RowVersion), row.RowVersion)
        .Raw(nameof(row.AdditionalColumns), row.RawAdditionalColumns)
        .ToString();
}
