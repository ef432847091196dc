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
    [InlineData("""{"tests_passed": 108}""")]
    [InlineData("""{"unit_tests": "✅ 21/21 passed (tests/unit/export.test.ts)"}""")]
    [InlineData("""{"run": "11/11 PASS (175ms)"}""")]
    [InlineData("""{"smoke": "15/15 smoke tests passed"}""")]
    [InlineData("""{"tests": "100% passing (50/50)"}""")]
    [InlineData("""{"run": "309 files, 0 failed | 3652 passed | 1 skipped"}""")]
    [InlineData("""{"run": "108 tests passed"}""")]
    [InlineData("""{"stats": {"startTime": "2026-01-10T03:37:46Z", "duration": 812.5, "expected": 16, "unexpected": 0, "skipped": 2, "flaky": 1}}""")]
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
    [InlineData("""{"scenarios": "8/8 defined", "stories": "6/6 user stories (100%)", "scope": "3/10 (screens and integration)"}""")]
    [InlineData("""{"check": {"expected": 12, "actual": 12}}""")]
    [InlineData("""{"note": "2 reviewers passed it on"}""")]
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
    [InlineData("""{"e2e_tests": "16/22 passed (72.7%)"}""", "6 of 22 tests fail")]
    [InlineData("""{"tests": "27/33 passing (82%)"}""", "6 of 33 tests fail")]
    [InlineData("""{"tests": "27/33 passing (6 mock issues)", "unit_tests_passing": "244/246 (99.2%)"}""", "8 of 279 tests fail")]
    [InlineData("""{"run": "304 files, 4 failed | 3618 passed"}""", "4 of 3622 tests fail")]
    [InlineData("""{"config": {"workers": 2}, "suites": [{"specs": [{"ok": true, "tests": [{"status": "expected"}]}]}], "stats": {"expected": 16, "unexpected": 5, "skipped": 2, "flaky": 1}}""", "5 of 24 tests fail")]
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
