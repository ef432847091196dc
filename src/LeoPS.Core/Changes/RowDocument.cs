namespace LeoPS.Changes;

/// <summary>A row that is to be made, as one JSON object: the server makes of each member what its column's type is, whichever that is in this database.</summary>
/// <param name="Columns">The columns that are written.</param>
/// <param name="Json">The object.</param>
public sealed record RowDocument(IReadOnlyList<string> Columns, string Json)
{
    /// <summary>Puts a row together for a table.</summary>
    /// <param name="columns">The columns that LeoPS knows.</param>
    /// <param name="additional">Further ones.</param>
    /// <param name="table">The table, for messages.</param>
    /// <param name="live">The columns that the table has.</param>
    /// <exception cref="LeoException">See <see cref="AdditionalColumnResolver.Resolve"/>.</exception>
    public static RowDocument Of(IReadOnlyList<NewColumn> columns, AdditionalColumns additional, string table, IReadOnlyList<TableColumn> live)
    {
        NewColumn[] written = [.. columns.Where(c => !c.IsDefault || live.Any(l => l.Name == c.Name))];
        AdditionalValues further = new AdditionalColumnResolver(table, [.. columns.Select(c => c.Name)], live).Resolve(additional);
        IEnumerable<string> members = written.Select(c => $"{JsonText.EscapeString(c.Name)}:{JsonText.EscapeString(c.Value)}");
        string rest = further.Json.Trim()[1..^1];
        return new RowDocument(
            [.. written.Select(c => c.Name), .. further.Columns], $"{{{string.Join(',', rest.Length == 0 ? members : members.Append(rest))}}}");
    }
}
