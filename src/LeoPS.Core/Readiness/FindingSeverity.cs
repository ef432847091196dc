namespace LeoPS;

/// <summary>How much a finding counts.</summary>
public enum FindingSeverity
{
    /// <summary>Thin: the handoff may go on.</summary>
    Warning,

    /// <summary>Missing, or beyond a threshold: the handoff should not go on.</summary>
    Blocking,
}
