using LeoPS.Readiness;
using static LeoPS.FindingSeverity;
using static LeoPS.ReadinessElement;

namespace LeoPS.Units.Readiness;

public sealed class TestCountsTests
{
    [Theory]
    [InlineData("""{"total": 12, "passed": 12, "failed": 0}""")]
    [InlineData("""{"unit": {"total": 12, "passed": 12, "failed": 0}, "e2e": {"total": 3, "passed": 3, "failed": 0}}""")]
    [InlineData("""{"unit": {"tests": 12, "failures": 0}}""")]
    [InlineData("""{"Unit": {"Passed": 12}}""")]
    [InlineData("""{"unit_tests": {"passed_tests": "12", "total-tests": "12"}}""")]
    [InlineData("""{"numTotalTests": 12, "numPassedTests": 12, "numFailedTests": 0, "success": true}""")]
    [InlineData("""{"suites": [{"name": "unit", "passed": 12, "failed": 0}, {"name": "e2e", "passed": 3, "failed": 0}]}""")]
    [InlineData("""{"unit": "45/45", "e2e": "3 of 3 tests passed"}""")]
    [InlineData("""{"total": 12.0}""")]
    [InlineData("""{"total": 1e3}""")]
    [InlineData("""{"unit": {"total": 12, "passed": 10, "skipped": 2}}""")]
    public void Are_found_in_the_shapes_people_use(string tests) => Assert.Empty(Judge(tests).Findings);

    [Theory]
    [InlineData(null, "is not filled in")]
    [InlineData("null", "is JSON null")]
    [InlineData("{}", "is empty")]
    [InlineData("[12, 12]", "is a list and not an object")]
    [InlineData("\"12 of 12\"", "is a text and not an object")]
    [InlineData("12", "is a number and not an object")]
    [InlineData("true", "is true or false and not an object")]
    [InlineData("{\"total\": ", "cannot be read")]
    [InlineData("""{"total": "\ud800"}""", "cannot be read")]
    public void A_column_that_holds_no_object_blocks_and_is_described(string? tests, string what) =>
        Assert.Contains($"test_results {what}", Judge(tests).Only(CompletenessReport, Blocking).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"unit": "all green"}""")]
    [InlineData("""{"status": "passed", "duration": 12.5}""")]
    [InlineData("""{"passed": true, "failed": null}""")]
    [InlineData("""{"total": -1}""")]
    [InlineData("""{"total": 12.5}""")]
    [InlineData("""{"total": 1e400}""")]
    [InlineData("""{"total": 123456789012345678901234567890123456789012345678901234567890}""")]
    [InlineData("""{"coverage": {"lines": {"total": 900, "covered": 890}}}""")]
    [InlineData("""{"ranAt": "2026/01/10"}""")]
    public void An_object_without_counts_blocks(string tests) =>
        Assert.Contains("no test counts", Judge(tests).Only(CompletenessReport, Blocking).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"total": 0}""")]
    [InlineData("""{"unit": {"passed": 0, "failed": 0}}""")]
    [InlineData("""{"unit": "0/0"}""")]
    public void No_test_at_all_blocks(string tests) =>
        Assert.Contains("counts no test at all", Judge(tests).Only(CompletenessReport, Blocking).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"total": 12, "passed": 10, "failed": 2}""", "2 of 12 tests fail")]
    [InlineData("""{"total": 12, "passed": 10}""", "2 of 12 tests fail")]
    [InlineData("""{"total": 12, "passed": 9, "skipped": 2}""", "1 of 12 tests fail")]
    [InlineData("""{"unit": {"passed": 10, "failed": 1}, "e2e": {"passed": 2, "failed": 1}}""", "2 of 14 tests fail")]
    [InlineData("""{"total": 14, "failed": 2, "unit": {"total": 14, "failed": 2}}""", "2 of 14 tests fail")]
    [InlineData("""{"unit": "43/45"}""", "2 of 45 tests fail")]
    public void Failed_tests_are_a_warning_and_counted_once(string tests, string message) =>
        Assert.StartsWith(message, Judge(tests).Only(CompletenessReport, Warning).Message, StringComparison.Ordinal);

    [Fact]
    public void As_many_as_are_allowed_may_fail()
    {
        const string tests = """{"total": 12, "failed": 2}""";

        Assert.Empty(Judge(tests, new ReadinessRules { MaximumFailedTests = 2 }).Findings);
        Judge(tests, new ReadinessRules { MaximumFailedTests = 1 }).Only(CompletenessReport, Warning);
    }

    private static HandoffReadinessReport Judge(string? tests, ReadinessRules? rules = null) => Judged.With(handoff => handoff.RawTestResults = tests, rules);
}
