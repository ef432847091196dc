using System.Globalization;
using System.Text;

namespace LeoPS.Handoffs;

/// <summary>
/// A handoff as one line of JSON, lossless: JSON columns are their raw text, times have microseconds, and a property
/// that is absent is SQL NULL, whereas null is the JSON null that a column holds.
/// </summary>
public static class HandoffJson
{
    /// <summary>The line, without its end.</summary>
    public static string Line(HandoffPreparation row)
    {
        var line = new StringBuilder(1024).Append('{');
        Text(nameof(row.Id), row.Id.ToString());
        Text(nameof(row.SessionId), row.SessionId.ToString());
        Text(nameof(row.SdId), row.SdId);
        Text(nameof(row.SdKey), row.SdKey);
        Text(nameof(row.SdTitle), row.SdTitle);
        Text(nameof(row.HandoffStatus), row.HandoffStatus.ToString());
        Text(nameof(row.ImplementationSummary), row.ImplementationSummary);
        Raw(nameof(row.QualityMetrics), row.RawQualityMetrics);
        Raw(nameof(row.TestResults), row.RawTestResults);
        Raw(nameof(row.PerformanceBenchmarks), row.RawPerformanceBenchmarks);
        Raw(nameof(row.SecurityValidation), row.RawSecurityValidation);
        Raw(nameof(row.AccessibilityCompliance), row.RawAccessibilityCompliance);
        Text(nameof(row.DemoUrl), row.DemoUrl);
        Text(nameof(row.DocumentationUrl), row.DocumentationUrl);
        Text(nameof(row.TestReportUrl), row.TestReportUrl);
        Raw(nameof(row.DeliverablesManifest), row.DeliverablesManifest?.ToString());
        Raw(nameof(row.KnownIssues), row.KnownIssues?.ToString());
        Text(nameof(row.PostImplementationNotes), row.PostImplementationNotes);
        Time(nameof(row.PreparedAt), row.PreparedAt);
        Time(nameof(row.SentAt), row.SentAt);
        Time(nameof(row.ResponseAt), row.ResponseAt);
        Time(nameof(row.CreatedAt), row.CreatedAt);
        Time(nameof(row.UpdatedAt), row.UpdatedAt);
        Raw(nameof(row.RowVersion), row.RowVersion?.ToString());
        Raw(nameof(row.AdditionalColumns), row.RawAdditionalColumns);
        return line.Append('}').ToString();

        void Raw(string name, string? json)
        {
            if (json is not null)
            {
                line.Append(line.Length == 1 ? "\"" : ",\"").Append(name).Append("\":").Append(json.AsSpan().Trim());
            }
        }

        void Text(string name, string? value) => Raw(name, value is null ? null : JsonText.EscapeString(value));

        void Time(string name, DateTimeOffset? value) => Raw(name, value?.UtcDateTime.ToString("\\\"yyyy-MM-ddTHH:mm:ss.ffffffZ\\\"", CultureInfo.InvariantCulture));
    }
}
