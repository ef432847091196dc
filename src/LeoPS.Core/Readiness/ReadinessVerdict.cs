namespace LeoPS;

/// <summary>What all findings of a handoff come to.</summary>
public enum ReadinessVerdict
{
    /// <summary>Nothing was found.</summary>
    Pass,

    /// <summary>Something is thin and nothing blocks.</summary>
    Warning,

    /// <summary>At least one finding blocks.</summary>
    Blocked,
}
