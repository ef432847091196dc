using LeoPS.Readiness;

namespace LeoPS.Units.Readiness;

/// <summary>Judges a handoff that is good but for one change.</summary>
internal static class Judged
{
    public static HandoffReadinessReport With(Action<HandoffPreparation> change, ReadinessRules? rules = null) =>
        HandoffReadiness.Judge(GoodHandoff.With(change), rules ?? new ReadinessRules());

    public static HandoffReadinessReport WithNotes(string? notes) => With(handoff => handoff.PostImplementationNotes = notes);

    public static HandoffReadinessReport WithManifest(params string?[] entries) => With(handoff => handoff.DeliverablesManifest = new TextArray(entries));

    /// <summary>The only finding, which is of this element and severity.</summary>
    public static ReadinessFinding Only(this HandoffReadinessReport report, ReadinessElement element, FindingSeverity severity)
    {
        ReadinessFinding finding = Assert.Single(report.Findings);
        Assert.Equal((element, severity), (finding.Element, finding.Severity));
        return finding;
    }
}
