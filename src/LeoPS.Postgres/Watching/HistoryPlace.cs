namespace LeoPS.Postgres.Watching;

/// <summary>How far a watcher has come in a history: all that one snapshot shows, and, while it catches up with another, the last entry it took.</summary>
/// <param name="Seen">The snapshot whose entries are all taken, as the server writes it.</param>
/// <param name="Begun">When the watch began, and the first transaction that had not begun then.</param>
/// <param name="Floor">Entries up to this id that seem to come from transactions not begun yet are from another server, by dump and restore; 0 for none.</param>
internal sealed record HistoryPlace(string Seen, (DateTime At, string Transaction) Begun, long Floor)
{
    /// <summary>The snapshot that is being caught up with; null between two.</summary>
    public string? Target { get; private init; }

    /// <summary>The last entry taken on the way to the target.</summary>
    public long LastId { get; private init; }

    /// <summary>The highest entry taken so far; 0 for none.</summary>
    public long Highest { get; private init; }

    /// <summary>Entries above this id are new whatever the number of their transaction; null where the numbers are sure.</summary>
    public long? Above { get; private init; }

    /// <summary>Behind a page.</summary>
    /// <param name="now">The snapshot that the page was read in.</param>
    /// <param name="lastId">Its last entry; 0 for none.</param>
    /// <param name="isLast">True where no page comes behind it.</param>
    public HistoryPlace Behind(string now, long lastId, bool isLast) => isLast
        ? this with { Seen = Target ?? now, Target = null, LastId = 0, Highest = Math.Max(Highest, lastId), Above = null }
        : this with { Target = Target ?? now, LastId = lastId, Highest = Math.Max(Highest, lastId) };

    /// <summary>
    /// The same behind a line that broke: maybe the server crashed, and gives numbers of transactions that never committed to others.
    /// What such a one writes lies above all that was taken.
    /// </summary>
    public HistoryPlace Doubted() => this with { Above = Highest };
}
