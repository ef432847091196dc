using static LeoPS.ReadinessElement;

namespace LeoPS.Readiness;

/// <summary>The completeness report, first part: test counts are there, and few enough tests fail.</summary>
internal static class TestCheck
{
    private const string Remedy = "Put the counts of each suite into test_results, such as {\"unit\": {\"total\": 120, \"passed\": 120, \"failed\": 0}}.";

    public static IEnumerable<ReadinessFinding> Find(JsonEvidence tests, ReadinessRules rules)
    {
        if (tests.Map is null)
        {
            yield return ReadinessFinding.Blocking(CompletenessReport, $"test_results {tests.Trouble}, so there are no test counts.", Remedy);
        }
        else if (TestCounts.Find(tests.Map) is not { } counts)
        {
            yield return ReadinessFinding.Blocking(CompletenessReport, "test_results has no test counts (total, passed, failed).", Remedy);
        }
        else if (counts.Total == 0)
        {
            yield return ReadinessFinding.Blocking(CompletenessReport, "test_results counts no test at all.", Remedy);
        }
        else if (counts.Failed > rules.MaximumFailedTests)
        {
            yield return ReadinessFinding.Warning(CompletenessReport, $"{counts.Failed:0} of {counts.Total:0} tests fail by test_results.", "Repair them, or say in known_issues why they fail and what that means.");
        }
    }
}
