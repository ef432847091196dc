namespace LeoPS.Postgres.Watching;

/// <summary>How far a watcher has come in a history: all that one snapshot shows, and, while it catches up with another, the last entry it took.</summary>
/// <param name="Seen">The snapshot whose entries are all taken, as the server writes it.</param>
/// <param name="Target">The snapshot that is being caught up with; null between two.</param>
/// <param name="LastId">The last entry taken on the way to the target.</param>
/// <param name="Floor">Entries up to this id that seem to come from transactions not begun yet are from another server, by dump and restore; 0 for none.</param>
/// <param name="Begun">The first transaction that had not begun when the watch did.</param>
internal sealed record HistoryPlace(string Seen, string? Target, long LastId, long Floor, string Begun)
{
    /// <summary>Behind a page.</summary>
    /// <param name="now">The snapshot that the page was read in.</param>
    /// <param name="lastId">Its last entry; null where it was the last page.</param>
    public HistoryPlace Behind(string now, long? lastId) => lastId is { } id
        ? this with { Target = Target ?? now, LastId = id }
        : this with { Seen = Target ?? now, Target = null, LastId = 0 };
}
