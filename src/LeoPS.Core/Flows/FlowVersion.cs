namespace LeoPS.Flows;

/// <summary>What somebody knows of the version of a flow.</summary>
/// <param name="RowVersion">xmin; null where it is not known.</param>
/// <param name="ContentHash">The hash of what people write; null where it is not known.</param>
public readonly record struct FlowVersion(uint? RowVersion, string? ContentHash)
{
    /// <summary>What an object knows.</summary>
    public static FlowVersion Of(Flow flow) => new(flow.RowVersion, flow.ContentHash);

    /// <summary>True where nothing is known: then there is nothing to compare.</summary>
    public bool IsUnknown => RowVersion is null && ContentHash is null;

    /// <summary>
    /// True where the flow is still the one that is known. Either half is enough: every run that starts counts itself on the flow's row and gives
    /// it another xmin, and the hash, which leaves the counters out, is then still the same.
    /// </summary>
    public bool Matches(Flow seen) =>
        IsUnknown || (RowVersion is not null && RowVersion == seen.RowVersion) || (ContentHash is not null && ContentHash == seen.ContentHash);
}
