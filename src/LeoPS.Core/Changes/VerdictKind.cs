namespace LeoPS.Changes;

/// <summary>What to do about a row that an update did not return.</summary>
public enum VerdictKind
{
    /// <summary>It failed for good.</summary>
    Failed,

    /// <summary>It already has the status asked for.</summary>
    AlreadyThere,

    /// <summary>It may move now: try again with the guard of this look.</summary>
    LookAgain,
}
