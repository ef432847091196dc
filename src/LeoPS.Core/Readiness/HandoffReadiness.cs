using static LeoPS.ReadinessElement;

namespace LeoPS.Readiness;

/// <summary>Judges how ready a handoff is: seven elements, each good, thin or missing.</summary>
public static class HandoffReadiness
{
    /// <summary>
    /// Finds all that is missing or thin. A part with a blocking finding loses its weight in the score, one with warnings half of it.
    /// Whatever the columns hold, it is judged and nothing is thrown.
    /// </summary>
    /// <param name="handoff">The handoff, as it was read.</param>
    /// <param name="rules">The thresholds.</param>
    public static HandoffReadinessReport Judge(HandoffPreparation handoff, ReadinessRules rules)
    {
        ArgumentNullException.ThrowIfNull(handoff);
        ArgumentNullException.ThrowIfNull(rules);
        var metrics = JsonEvidence.Of("quality_metrics", handoff.RawQualityMetrics, () => handoff.QualityMetrics);
        var tests = JsonEvidence.Of("test_results", handoff.RawTestResults, () => handoff.TestResults);
        var notes = HandoffNotes.Read(handoff.PostImplementationNotes);

        // The weights are even, so that a half is whole, and add up to 100.
        (int Weight, ReadinessFinding[] Findings)[] parts =
        [
            (20, [.. SummaryCheck.Find(handoff, rules)]),
            (14, [.. TestCheck.Find(tests, rules)]),
            (16, [.. CoverageCheck.Find(metrics, tests, rules)]),
            (20, [.. DeliverablesCheck.Find(handoff.DeliverablesManifest, rules)]),
            (8, [.. NotesCheck.Find(notes, KeyDecisions)]),
            (10, [.. KnownIssuesCheck.Find(handoff.KnownIssues)]),
            (4, [.. NotesCheck.Find(notes, ResourceUtilization)]),
            (8, [.. NotesCheck.Find(notes, ActionItems)]),
        ];
        return new HandoffReadinessReport(handoff, parts.Sum(part => part.Weight - Loss(part.Weight, part.Findings)), [.. parts.SelectMany(part => part.Findings)]);
    }

    private static int Loss(int weight, ReadinessFinding[] findings) =>
        findings.Length == 0 ? 0
        : findings.Any(finding => finding.Severity == FindingSeverity.Blocking) ? weight
        : weight / 2;
}
