namespace LeoPS.Handoffs;

/// <summary>Which handoffs to read, in which order, and how many.</summary>
public sealed record HandoffQuery
{
    /// <summary>Which rows.</summary>
    public HandoffFilter Filter { get; init; } = new();

    /// <summary>The column to order by.</summary>
    public HandoffOrder OrderBy { get; init; }

    /// <summary>Largest first; nulls still come last.</summary>
    public bool Descending { get; init; }

    /// <summary>How many rows at the most; null means all.</summary>
    public long? First { get; init; }

    /// <summary>Rows to leave out at the beginning (OFFSET).</summary>
    public long Skip { get; init; }

    /// <summary>The row after which to go on, in this order (keyset).</summary>
    public ResumePoint? ResumeAfter { get; init; }

    /// <summary>Rows per keyset page, each a statement of its own; null streams one statement.</summary>
    public int? PageSize { get; init; }
}
