using LeoPS.Readiness;
using static LeoPS.FindingSeverity;
using static LeoPS.ReadinessElement;

namespace LeoPS.Units.Readiness;

public sealed class UnitCoverageTests
{
    [Theory]
    [InlineData("""{"coverage": 61.5}""", "quality_metrics.coverage")]
    [InlineData("""{"Coverage": 61.5}""", "quality_metrics.Coverage")]
    [InlineData("""{"coverage": "61.5%"}""", "quality_metrics.coverage")]
    [InlineData("""{"coverage": "61,5 percent"}""", "quality_metrics.coverage")]
    [InlineData("""{"coverage": 0.615}""", "quality_metrics.coverage")]
    [InlineData("""{"coverage": 6.15e1}""", "quality_metrics.coverage")]
    [InlineData("""{"coverage_pct": 61.5}""", "quality_metrics.coverage_pct")]
    [InlineData("""{"coveragePercentage": 61.5}""", "quality_metrics.coveragePercentage")]
    [InlineData("""{"Test Coverage %": 61.5}""", "quality_metrics.Test Coverage %")]
    [InlineData("""{"unitCoverage": 61.5}""", "quality_metrics.unitCoverage")]
    [InlineData("""{"unit_test_coverage": 61.5}""", "quality_metrics.unit_test_coverage")]
    [InlineData("""{"unit.coverage": 61.5}""", "quality_metrics.unit.coverage")]
    [InlineData("""{"unit": {"coverage": 61.5}}""", "quality_metrics.unit.coverage")]
    [InlineData("""{"coverage": {"unit": 61.5, "e2e": 95}}""", "quality_metrics.coverage.unit")]
    [InlineData("""{"coverage": {"lines": 61.5, "branches": 95}}""", "quality_metrics.coverage.lines")]
    [InlineData("""{"coverage": {"total": {"lines": {"total": 200, "covered": 123, "pct": 61.5}}}}""", "quality_metrics.coverage.total.lines.pct")]
    [InlineData("""{"coverage": {"total": 200, "covered": 123}}""", "quality_metrics.coverage")]
    [InlineData("""{"coverage": {"total": 61.5}}""", "quality_metrics.coverage.total")]
    public void Is_found_in_the_shapes_people_use(string metrics, string place) =>
        Assert.Equal($"The unit coverage is 61.5 % ({place}); 80 % is asked for.", Judge(metrics).Only(CompletenessReport, Blocking).Message);

    [Theory]
    [InlineData("""{"unit": {"total": 9, "failed": 0, "coverage": 61.5}}""", "test_results.unit.coverage")]
    [InlineData("""{"total": 9, "failed": 0, "coverage": 61.5}""", "test_results.coverage")]
    [InlineData("""{"tests": {"total": 9, "failed": 0, "unit": {"coverage": "61.5 %"}}}""", "test_results.tests.unit.coverage")]
    public void Is_found_in_the_test_results_too(string tests, string place)
    {
        HandoffReadinessReport report = Judged.With(handoff => (handoff.RawQualityMetrics, handoff.RawTestResults) = ("""{"lintErrors": 0}""", tests));

        Assert.Contains($"61.5 % ({place})", report.Only(CompletenessReport, Blocking).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"coverage": "100% user story coverage"}""")]
    [InlineData("""{"coverage": "6/6 user stories (100%)"}""")]
    [InlineData("""{"coverage": {"overall": "100% of user stories"}}""")]
    [InlineData("""{"coverage_target": 90}""")]
    [InlineData("""{"target_coverage": "90%", "user_story_coverage": "100%", "risk_coverage": "95%"}""")]
    public void The_coverage_of_something_else_and_a_target_are_none(string metrics)
    {
        string message = Judge(metrics).Only(CompletenessReport, Blocking).Message;
        Assert.True(
            message is "Neither quality_metrics nor test_results gives the unit coverage."
                or "The unit coverage cannot be read: quality_metrics.coverage is an object without a percentage.",
            message);
    }

    [Fact]
    public void The_coverage_of_something_else_does_not_hide_the_unit_coverage() => Assert.Contains(
        "61.5 % (quality_metrics.code_coverage)",
        Judge("""{"coverage": "100% user story coverage", "coverage_target": 90, "code_coverage": 61.5}""").Only(CompletenessReport, Blocking).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("79.99", 80, true)]
    [InlineData("79.999", 80, true)]
    [InlineData("80", 80, false)]
    [InlineData("80.0", 80, false)]
    [InlineData("100", 100, false)]
    [InlineData("49.9", 50, true)]
    [InlineData("0", 0, false)]
    [InlineData("\"1%\"", 1, false)]
    [InlineData("\"0.5%\"", 1, true)]
    [InlineData("0.8", 80, false)]
    public void The_minimum_is_the_first_that_passes(string coverage, int minimum, bool blocks) =>
        Assert.Equal(blocks, Judge($$"""{"coverage": {{coverage}}}""", new ReadinessRules { MinimumCoverage = minimum }).Findings.Count == 1);

    [Fact]
    public void What_is_just_under_the_minimum_does_not_look_as_if_it_were_not() =>
        Assert.Contains("79.99 %", Judge("""{"coverage": 79.999}""").Only(CompletenessReport, Blocking).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("null", "is null")]
    [InlineData("true", "is true or false")]
    [InlineData("[85]", "is a list")]
    [InlineData("\"good\"", "is 'good', which is no percentage")]
    [InlineData("\"85% or 90%\"", "is '85% or 90%', which is no percentage")]
    [InlineData("\"\"", "is '', which is no percentage")]
    [InlineData("-1", "is not between 0 and 100")]
    [InlineData("850", "is not between 0 and 100")]
    [InlineData("1e300", "is not between 0 and 100")]
    [InlineData("1e400", "is '1e400', which is no percentage")]
    [InlineData("12345678901234567890123456789012345678901234567890", "is not between 0 and 100")]
    [InlineData("1", "is 1, which may be one percent or all of it")]
    [InlineData("1.0", "is 1, which may be one percent or all of it")]
    [InlineData("{\"branches\": 85}", "is an object without a percentage")]
    [InlineData("{\"lines\": {\"lines\": {\"lines\": {\"lines\": {\"lines\": 85}}}}}", "is an object without a percentage")]
    public void What_is_no_percentage_blocks_and_is_described(string coverage, string what)
    {
        ReadinessFinding finding = Judge($$"""{"coverage": {{coverage}}}""").Only(CompletenessReport, Blocking);

        Assert.StartsWith("The unit coverage cannot be read: quality_metrics.coverage", finding.Message, StringComparison.Ordinal);
        Assert.EndsWith($" {what}.", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "quality_metrics is not filled in, and test_results gives no unit coverage.")]
    [InlineData("null", "quality_metrics is JSON null, and test_results gives no unit coverage.")]
    [InlineData("[]", "quality_metrics is a list and not an object, and test_results gives no unit coverage.")]
    [InlineData("""{"lintErrors": 0}""", "Neither quality_metrics nor test_results gives the unit coverage.")]
    public void None_at_all_blocks(string? metrics, string message) => Assert.Equal(message, Judge(metrics).Only(CompletenessReport, Blocking).Message);

    [Theory]
    [InlineData("""{"coverage": 95}""", """{"unit": {"total": 9, "failed": 0, "coverage": 61.5}}""", false)]
    [InlineData("""{"coverage": 61.5}""", """{"unit": {"total": 9, "failed": 0, "coverage": 95}}""", true)]
    [InlineData("""{"unitCoverage": 95}""", """{"total": 9, "failed": 0, "coverage": 61.5}""", true)]
    [InlineData("""{"coverage": 95}""", """{"total": 9, "failed": 0, "coverage": 61.5}""", true)]
    [InlineData("""{"coverage": null}""", """{"total": 9, "failed": 0, "coverage": 95}""", true)]
    [InlineData("""{"unitCoverage": "n/a", "coverage": 95}""", """{"total": 9, "failed": 0}""", true)]
    public void What_says_unit_comes_first_then_quality_metrics_and_what_cannot_be_read_last(string metrics, string tests, bool passes) =>
        Assert.Equal(passes, Judged.With(handoff => (handoff.RawQualityMetrics, handoff.RawTestResults) = (metrics, tests)).Findings.Count == 0);

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("\"85%\"")]
    public void Quality_metrics_that_hold_nothing_are_a_warning_where_the_test_results_have_the_coverage(string? metrics)
    {
        HandoffReadinessReport report = Judged.With(handoff => (handoff.RawQualityMetrics, handoff.RawTestResults) = (metrics, """{"total": 9, "failed": 0, "coverage": 95}"""));

        Assert.StartsWith("quality_metrics is", report.Only(CompletenessReport, Warning).Message, StringComparison.Ordinal);
    }

    private static HandoffReadinessReport Judge(string? metrics, ReadinessRules? rules = null) => Judged.With(handoff => handoff.RawQualityMetrics = metrics, rules);
}
