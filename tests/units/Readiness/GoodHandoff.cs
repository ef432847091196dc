namespace LeoPS.Units.Readiness;

/// <summary>A handoff in which nothing is to be found, column by column.</summary>
internal static class GoodHandoff
{
    public const string Summary = "Median answer time is 38 ms over 41,000 documents; umlauts are folded, and 212 unit tests pass.";
    public const string Metrics = """{"coverage": 91.5}""";
    public const string Tests = """{"unit": {"total": 212, "passed": 212, "failed": 0}}""";
    public const string Decisions = "Decided: the public API stays as it is.";
    public const string Resources = "Used: 14 hours of EXEC.";
    public const string Actions = "Next: PLAN verifies the acceptance criteria.";

    public static readonly string?[] Manifest = ["migrations/20260115_search_index.sql", "src/api/search.ts"];
    public static readonly string?[] Issues = ["Umlauts rank lower than their plain forms"];

    public static HandoffPreparation Make() => With(_ => { });

    public static HandoffPreparation With(Action<HandoffPreparation> change)
    {
        var handoff = new HandoffPreparation
        {
            Id = new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"),
            SdId = "9f5b8c1e",
            SdKey = "SD-2026-007",
            SdTitle = "Search across directives and retrospectives",
            HandoffStatus = HandoffStatus.Preparing,
            ImplementationSummary = Summary,
            RawQualityMetrics = Metrics,
            RawTestResults = Tests,
            DeliverablesManifest = new TextArray(Manifest),
            KnownIssues = new TextArray(Issues),
            PostImplementationNotes = $"{Decisions} {Resources} {Actions}",
            RowVersion = 752,
        };
        change(handoff);
        return handoff;
    }
}
