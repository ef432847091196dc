namespace LeoPS.Postgres.Changes;

/// <summary>The order in which the rows of a table are locked: by their ids, texts by their characters and never by a culture.</summary>
internal sealed class RowKeyOrder : IComparer<object>
{
    public static readonly RowKeyOrder Instance = new();

    public int Compare(object? x, object? y) => x is string left && y is string right ? string.CompareOrdinal(left, right) : Comparer<object>.Default.Compare(x, y);
}
