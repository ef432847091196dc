namespace LeoPS.Postgres.Changes;

/// <summary>A row as a second look found it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Held">True where a transaction holds or held a lock on it.</param>
/// <param name="Apart">True where the statement leaves such a row out, because it cannot be written together with others.</param>
/// <param name="Obstacle">What beside the row itself keeps it from moving; null for nothing.</param>
internal readonly record struct Seen<TRow>(TRow Row, bool Held, bool Apart = false, LeoException? Obstacle = null)
    where TRow : class;
