namespace LeoPS.History;

/// <summary>Which changes to read, newest first. Everything here is decided by the server; null means no such condition.</summary>
public abstract record HistoryQuery
{
    /// <summary>Ids of the rows that changed.</summary>
    public IReadOnlyList<Guid>? Ids { get; init; }

    /// <summary>changed_at at or after this time.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>changed_at before this time.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>How many changes at the most; null means all.</summary>
    public long? First { get; init; }
}
