namespace LeoPS.Reading;

/// <summary>One row as read.</summary>
/// <param name="Row">The object; where there is an error, its unreadable value is null.</param>
/// <param name="Error">UnreadableRow with id and column; null where every value could be read.</param>
public readonly record struct ReadItem<TRow>(TRow Row, LeoException? Error)
    where TRow : class;
