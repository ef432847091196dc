namespace LeoPS.Changes;

/// <summary>
/// What is written to the columns of a table that LeoPS has no parameters for: JSON objects with a member per column. The objects are read when
/// the live table is known; see <see cref="AdditionalColumnResolver"/>. Rows with the same values share one instance.
/// </summary>
public sealed record AdditionalColumns
{
    /// <summary>Nothing.</summary>
    public static AdditionalColumns None { get; } = new();

    /// <summary>JSON object of what the user named; null for nothing. A column that cannot be written is an error.</summary>
    public string? Given { get; init; }

    /// <summary>JSON object that came with a row, as a line, a file or an object holds it; null for nothing. Columns that the database fills by itself are left out.</summary>
    public string? OfRow { get; init; }

    /// <summary>True where <see cref="OfRow"/> is of a row that is copied: columns that tell one row from all others are left out too.</summary>
    public bool IsCopy { get; init; }

    /// <summary>True where nothing is written, whatever the table is.</summary>
    public bool IsEmpty => Given is null && OfRow is null;
}
