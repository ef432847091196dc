using LeoPS.Readiness;

namespace LeoPS.Units.Readiness;

public sealed class HandoffReadinessTests
{
    [Fact]
    public void A_good_handoff_passes_with_a_hundred()
    {
        HandoffReadinessReport report = HandoffReadiness.Judge(GoodHandoff.Make(), new ReadinessRules());

        Assert.Empty(report.Findings);
        Assert.Equal((ReadinessVerdict.Pass, 100), (report.Verdict, report.Score));
        Assert.Equal((new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"), "SD-2026-007", 752u), (report.Id, report.SdKey, report.RowVersion));
        Assert.Equal("SD-2026-007 0f8fad5b Pass 100", report.ToString());
    }

    [Fact]
    public void An_empty_handoff_is_blocked_with_nothing_left_and_every_element_found_at_once()
    {
        var empty = new HandoffPreparation { SdId = "9f5b8c1e" };

        HandoffReadinessReport report = HandoffReadiness.Judge(empty, new ReadinessRules());

        Assert.Equal((ReadinessVerdict.Blocked, 0), (report.Verdict, report.Score));
        Assert.Equal(Enum.GetValues<ReadinessElement>(), report.Findings.Select(finding => finding.Element).Distinct());
        Assert.Equal(8, report.Findings.Count);
        AssertEach.Of(report.Findings, finding => Assert.Equal(FindingSeverity.Blocking, finding.Severity));
        AssertEach.Of(report.Findings, finding => Assert.False(string.IsNullOrWhiteSpace(finding.Message) || string.IsNullOrWhiteSpace(finding.Remedy)));
        Assert.Equal("9f5b8c1e 00000000 Blocked 0", report.ToString());
    }

    public static TheoryData<string, Action<HandoffPreparation>, int> Losses => new()
    {
        { "summary", handoff => handoff.ImplementationSummary = "", 20 },
        { "tests", handoff => handoff.RawTestResults = null, 14 },
        { "coverage", handoff => handoff.RawQualityMetrics = """{"coverage": 20}""", 16 },
        { "manifest", handoff => handoff.DeliverablesManifest = null, 20 },
        { "issues", handoff => handoff.KnownIssues = null, 10 },
        { "notes", handoff => handoff.PostImplementationNotes = null, 20 },
        { "summary, thin", handoff => handoff.ImplementationSummary += " TODO", 10 },
        { "tests, thin", handoff => handoff.RawTestResults = """{"total": 9, "failed": 1}""", 7 },
        { "metrics, thin", handoff => (handoff.RawQualityMetrics, handoff.RawTestResults) = (null, """{"total": 9, "failed": 0, "coverage": 90}"""), 8 },
        { "manifest, thin", handoff => handoff.DeliverablesManifest = new TextArray(["a", "b", "c", "d", "TODO: e"]), 10 },
        { "issues, thin", handoff => handoff.KnownIssues = new TextArray([]), 5 },
        { "decisions, thin", handoff => handoff.PostImplementationNotes = $"{GoodHandoff.Resources} {GoodHandoff.Actions}", 4 },
        { "resources, thin", handoff => handoff.PostImplementationNotes = $"{GoodHandoff.Decisions} {GoodHandoff.Actions}", 2 },
        { "actions, thin", handoff => handoff.PostImplementationNotes = $"{GoodHandoff.Decisions} {GoodHandoff.Resources}", 4 },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public void Each_part_costs_its_weight_where_it_blocks_and_half_of_it_where_it_is_thin(string part, Action<HandoffPreparation> change, int loss)
    {
        HandoffReadinessReport report = Judged.With(change);

        Assert.Equal(100 - loss, report.Score);
        Assert.Equal(part.EndsWith("thin", StringComparison.Ordinal) ? ReadinessVerdict.Warning : ReadinessVerdict.Blocked, report.Verdict);
    }

    [Fact]
    public void Several_findings_of_one_part_cost_it_once()
    {
        HandoffReadinessReport report = Judged.With(handoff => handoff.ImplementationSummary = "Search works. TODO");

        Assert.Equal(2, report.Findings.Count);
        Assert.Equal(80, report.Score);
    }

    [Fact]
    public void One_blocking_finding_blocks_whatever_the_score_is()
    {
        HandoffReadinessReport report = Judged.With(handoff => handoff.KnownIssues = null);

        Assert.Equal((ReadinessVerdict.Blocked, 90), (report.Verdict, report.Score));
    }

    [Fact]
    public void The_status_does_not_matter() => AssertEach.Of(
        Enum.GetValues<HandoffStatus>(),
        status => Assert.Equal(100, Judged.With(handoff => handoff.HandoffStatus = status).Score));

    [Fact]
    public void A_finding_as_text_has_severity_element_and_message()
    {
        ReadinessFinding finding = Judged.With(handoff => handoff.KnownIssues = null).Only(ReadinessElement.KnownIssues, FindingSeverity.Blocking);

        Assert.Equal("Blocking KnownIssues: known_issues is not filled in.", finding.ToString());
    }

    [Fact]
    public void Nobody_makes_a_report_or_a_finding() => AssertEach.Of(
        [typeof(HandoffReadinessReport), typeof(ReadinessFinding)],
        type => Assert.Empty(Shape.SurfaceRules.Model(type)));

    /// <summary>As the sample rows of the sandbox are written.</summary>
    [Fact]
    public void A_finished_sample_row_passes_and_one_that_is_being_prepared_is_blocked()
    {
        HandoffReadinessReport finished = Judged.With(handoff =>
        {
            handoff.ImplementationSummary = "Part 4 of retrospective quality scoring is complete. Scores agree with two human reviewers in 88 % of 250 cases. "
                + "181 of 181 unit tests pass with 86.5 % line coverage; 3 deliverables are listed in the manifest.";
            handoff.RawQualityMetrics = """{"coverage": 86.5, "complexity": 7, "lintErrors": 0, "codeQuality": 80}""";
            handoff.RawTestResults = """{"e2e": {"total": 18, "failed": 0, "passed": 18}, "unit": {"total": 181, "failed": 0, "passed": 181, "coverage": 86.5}}""";
            handoff.DeliverablesManifest = new TextArray(["src/retro/score.ts", "src/pages/RetroTrend.tsx", "tests/unit/score.test.ts"]);
            handoff.KnownIssues = new TextArray(["Retrospectives under 200 words score too low"]);
            handoff.PostImplementationNotes = "Decided: the public API stays as it is. Used: 16 hours of EXEC. Next: PLAN verifies the acceptance criteria.\n"
                + "2026-01-10 rejected: 2 unit tests fail";
        });
        HandoffReadinessReport unfinished = Judged.With(handoff =>
        {
            handoff.ImplementationSummary = "Part 5 of retrospective quality scoring: work in progress.";
            (handoff.RawTestResults, handoff.DeliverablesManifest, handoff.KnownIssues, handoff.PostImplementationNotes) = ("{}", null, null, null);
        });

        Assert.Empty(finished.Findings);
        Assert.Equal(ReadinessVerdict.Blocked, unfinished.Verdict);
    }
}
