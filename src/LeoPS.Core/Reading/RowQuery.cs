namespace LeoPS.Reading;

/// <summary>Which rows of a table to read, in which order, and how many.</summary>
/// <typeparam name="TFilter">Which rows.</typeparam>
/// <typeparam name="TOrder">The columns to order by; its first member is the id.</typeparam>
public abstract record RowQuery<TFilter, TOrder>
    where TFilter : new()
    where TOrder : struct, Enum
{
    /// <summary>Which rows.</summary>
    public TFilter Filter { get; init; } = new();

    /// <summary>The column to order by.</summary>
    public TOrder OrderBy { get; init; }

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
