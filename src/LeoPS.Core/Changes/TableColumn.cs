namespace LeoPS.Changes;

/// <summary>One column of a live table, as far as writing it depends on it.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Source">Where its values come from.</param>
/// <param name="IsUnique">True where a unique index is over this column alone, so that no two rows have the same value.</param>
public sealed record TableColumn(string Name, ColumnSource Source = ColumnSource.Written, bool IsUnique = false)
{
    /// <summary>True where the database refuses any value for it.</summary>
    public bool IsReadOnly => Source is ColumnSource.Computed or ColumnSource.AlwaysIdentity;

    /// <summary>True where its value tells the row from all others, so that a copy of the row cannot have the same.</summary>
    public bool IdentifiesRow => IsUnique || Source is ColumnSource.Identity or ColumnSource.AlwaysIdentity;
}
