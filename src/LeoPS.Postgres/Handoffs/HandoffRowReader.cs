using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.Handoffs;

/// <summary>Makes handoffs of rows.</summary>
internal sealed class HandoffRowReader(NpgsqlDataReader reader) : RowReader<HandoffPreparation>(reader, HandoffColumns.Definition)
{
    protected override object IdOf(HandoffPreparation row) => row.Id;

    protected override HandoffPreparation Make() => new()
    {
        Id = Id(0),
        SessionId = Id(1),
        SdId = RequiredText(2),
        HandoffStatus = Name<HandoffStatus>(3) ?? default,
        ImplementationSummary = RequiredText(4),
        RawQualityMetrics = Text(5),
        RawTestResults = Text(6),
        RawPerformanceBenchmarks = Text(7),
        RawSecurityValidation = Text(8),
        RawAccessibilityCompliance = Text(9),
        DemoUrl = Text(10),
        DocumentationUrl = Text(11),
        TestReportUrl = Text(12),
        DeliverablesManifest = Array(13),
        KnownIssues = Array(14),
        PostImplementationNotes = Text(15),
        PreparedAt = Stamp(16),
        SentAt = Stamp(17),
        ResponseAt = Stamp(18),
        CreatedAt = Stamp(19),
        UpdatedAt = Stamp(20),
        RowVersion = Version(RowVersionColumn),
        RawAdditionalColumns = Additional(),
        SdKey = Text(NamesColumn),
        SdTitle = Text(NamesColumn + 1),
    };
}
