namespace LeoPS;

/// <summary>The seven elements of a good handoff, in the order in which they are judged.</summary>
public enum ReadinessElement
{
    /// <summary>What was built: implementation_summary.</summary>
    ExecutiveSummary,

    /// <summary>How complete it is: test counts in test_results, unit coverage in quality_metrics or test_results.</summary>
    CompletenessReport,

    /// <summary>What is handed over: deliverables_manifest.</summary>
    DeliverablesManifest,

    /// <summary>What was decided: post_implementation_notes.</summary>
    KeyDecisions,

    /// <summary>What is known not to work, or may not: known_issues.</summary>
    KnownIssues,

    /// <summary>What it took: post_implementation_notes.</summary>
    ResourceUtilization,

    /// <summary>What is to be done next, and by whom: post_implementation_notes.</summary>
    ActionItems,
}
