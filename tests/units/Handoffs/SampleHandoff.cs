namespace LeoPS.Units.Handoffs;

/// <summary>A handoff with every column filled.</summary>
internal static class SampleHandoff
{
    public static readonly DateTimeOffset At = new DateTimeOffset(2026, 1, 10, 3, 37, 46, TimeSpan.Zero).AddMicroseconds(396_001);

    public static HandoffPreparation Full(HandoffStatus status = HandoffStatus.Sent) => new()
    {
        Id = new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"),
        SessionId = new Guid("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        SdId = "9f5b8c1e",
        SdKey = "SD-UAT-001",
        SdTitle = "Acceptance \"tests\"",
        HandoffStatus = status,
        ImplementationSummary = "Line one\nLine two: 100 % \\ 🎉",
        RawQualityMetrics = """{"coverage": 82.50, "big": 1e400}""",
        RawTestResults = """{"total": 12345678901234567890, "rate": 1.10}""",
        RawPerformanceBenchmarks = """{"P95": 1, "p95": 2}""",
        RawSecurityValidation = "null",
        RawAccessibilityCompliance = "[1, 2]",
        DemoUrl = "https://demo.example/a?b=c",
        DocumentationUrl = "https://docs.example",
        TestReportUrl = "https://tests.example",
        DeliverablesManifest = new TextArray(["src/a.cs", null, "with \"quotes\""]),
        KnownIssues = new TextArray([]),
        PostImplementationNotes = "notes",
        PreparedAt = At,
        SentAt = At.AddDays(1),
        ResponseAt = At.AddDays(2),
        CreatedAt = At.AddDays(-1),
        UpdatedAt = At.AddDays(3),
        RawAdditionalColumns = """{"owner": "exec"}""",
        RowVersion = 4_294_967_295,
    };

    public static HandoffPreparation Bare() => new()
    {
        Id = new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"),
        SessionId = new Guid("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        SdId = "9f5b8c1e",
        ImplementationSummary = "",
    };
}
