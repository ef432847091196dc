namespace LeoPS.Changes;

/// <summary>One column of a row that is to be made.</summary>
/// <param name="Name">The column.</param>
/// <param name="Value">Its value as text, of which the server makes the column's own type.</param>
/// <param name="IsDefault">True where nobody gave the value: a table without the column can do without it.</param>
public readonly record struct NewColumn(string Name, string Value, bool IsDefault)
{
    /// <summary>The value that was given, or else this one.</summary>
    public static NewColumn Of(string name, string? given, string otherwise) => new(name, given ?? otherwise, given is null);
}
