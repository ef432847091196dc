namespace LeoPS;

/// <summary>How ready a handoff is, as it was when it was judged.</summary>
public sealed class HandoffReadinessReport
{
    internal HandoffReadinessReport(HandoffPreparation handoff, int score, IReadOnlyList<ReadinessFinding> findings)
    {
        Handoff = handoff;
        Score = score;
        Findings = findings;
    }

    /// <summary>The handoff's id.</summary>
    public Guid Id => Handoff.Id;

    /// <summary>The key of its strategic directive; null where row level security hides the directive.</summary>
    public string? SdKey => Handoff.SdKey;

    /// <summary>Blocked where a finding blocks, Warning where there are others, Pass where there is none.</summary>
    public ReadinessVerdict Verdict =>
        Findings.Count == 0 ? ReadinessVerdict.Pass
        : Findings.Any(finding => finding.Severity == FindingSeverity.Blocking) ? ReadinessVerdict.Blocked
        : ReadinessVerdict.Warning;

    /// <summary>0 to 100; 100 exactly where nothing was found.</summary>
    public int Score { get; }

    /// <summary>All that was found, in the order of the elements; empty where nothing was.</summary>
    public IReadOnlyList<ReadinessFinding> Findings { get; }

    /// <summary>The version of the row that was judged, so that a change that follows finds the same one; null where the relation has none.</summary>
    public uint? RowVersion => Handoff.RowVersion;

    /// <summary>What was judged.</summary>
    internal HandoffPreparation Handoff { get; }

    /// <summary>Short id, verdict and score.</summary>
    public override string ToString() => $"{SdKey ?? Handoff.SdId} {Id.ToString()[..8]} {Verdict} {Score}";
}
