namespace LeoPS.Readiness;

/// <summary>The thresholds of readiness.</summary>
public sealed record ReadinessRules
{
    /// <summary>Unit coverage, in percent, under which a handoff is blocked.</summary>
    public decimal MinimumCoverage { get; init; } = 80;

    /// <summary>Characters of the summary under which a handoff is blocked.</summary>
    public int MinimumSummaryLength { get; init; } = 50;

    /// <summary>Finished deliverables, in percent, under which a handoff is blocked.</summary>
    public decimal MinimumDeliverables { get; init; } = 80;

    /// <summary>Finished deliverables, in percent, under which there is a warning.</summary>
    public decimal WarningDeliverables { get; init; } = 100;

    /// <summary>Failed tests over which there is a warning.</summary>
    public int MaximumFailedTests { get; init; }
}
