using static LeoPS.ReadinessElement;

namespace LeoPS.Readiness;

/// <summary>The completeness report, second part: unit coverage is there and high enough, and quality metrics are.</summary>
internal static class CoverageCheck
{
    private const string Remedy = "Put the unit coverage in percent into quality_metrics, such as {\"coverage\": 85.5}.";

    public static IEnumerable<ReadinessFinding> Find(JsonEvidence metrics, JsonEvidence tests, ReadinessRules rules)
    {
        var coverage = UnitCoverage.Find(metrics, tests);
        if (coverage.Percent is not { } percent)
        {
            string message = coverage.Trouble is { } trouble ? $"The unit coverage cannot be read: {coverage.Place} {trouble}."
                : metrics.Map is null ? $"quality_metrics {metrics.Trouble}, and test_results gives no unit coverage."
                : "Neither quality_metrics nor test_results gives the unit coverage.";
            yield return ReadinessFinding.Blocking(CompletenessReport, message, Remedy);
            yield break;
        }

        if (percent < rules.MinimumCoverage)
        {
            yield return ReadinessFinding.Blocking(
                CompletenessReport,
                $"The unit coverage is {Prose.Percent(percent)} ({coverage.Place}); {Prose.Percent(rules.MinimumCoverage)} is asked for.",
                "Test more of the code, or agree on less and say so with -MinimumCoverage.");
        }

        if (metrics.Map is null)
        {
            yield return ReadinessFinding.Warning(CompletenessReport, $"quality_metrics {metrics.Trouble}.", Remedy);
        }
    }
}
