namespace LeoPS.Postgres.Changes;

/// <summary>One row that a statement wrote.</summary>
/// <param name="At">Its place among the items that the statement was given.</param>
/// <param name="Row">The row as it is now.</param>
/// <param name="Error">UnreadableRow where one of its values cannot be shown; null otherwise.</param>
/// <param name="Note">What the user should be told of it; null for most rows.</param>
internal readonly record struct Written<TRow>(int At, TRow Row, LeoException? Error, string? Note = null)
    where TRow : class;
