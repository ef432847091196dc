using System.Text.Json;

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
    public static RowDocument Of(
        IReadOnlyList<NewColumn> columns, AdditionalColumns additional, string table, IReadOnlyList<TableColumn> live)
    {
        NewColumn[] written = [.. columns.Where(c => !c.IsDefault || live.Any(l => l.Name == c.Name))];
        AdditionalValues further = new AdditionalColumnResolver(table, [.. columns.Select(c => c.Name)], live).Resolve(additional);
        IEnumerable<string> members = written.Select(c => $"{JsonText.EscapeString(c.Name)}:{JsonText.EscapeString(c.Value)}");
        string rest = further.Json.Trim()[1..^1];
        return new RowDocument(
            [.. written.Select(c => c.Name), .. further.Columns],
            $"{{{string.Join(',', rest.Length == 0 ? members : members.Append(rest))}}}");
    }

    /// <summary>Puts together what an edit writes into a row of a table.</summary>
    /// <param name="values">What is written.</param>
    /// <param name="table">The table.</param>
    /// <param name="live">The columns that the table has.</param>
    /// <exception cref="LeoException">
    /// InvalidJson where the additional columns are no object; ValueOutOfRange for a column that the table does not have, or that they may not write.
    /// </exception>
    public static RowDocument OfEdit(RowValues values, WritableTable table, IReadOnlyCollection<string> live)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(table);
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((WritableColumn column, string? value) in values.Given)
        {
            foreach (string name in table.LiveNames(column, live))
            {
                members[name] = value is null ? "null" : JsonText.EscapeString(value);
            }
        }

        AddAdditional(members, values.AdditionalColumns, name => table.CheckAdditional(name, live));
        return new([.. members.Keys], $"{{{string.Join(',', members.Select(m => $"{JsonText.EscapeString(m.Key)}:{m.Value}"))}}}");
    }

    private static void AddAdditional(Dictionary<string, string> members, string? additional, Action<string> check)
    {
        if (additional is null)
        {
            return;
        }

        using JsonDocument document = JsonDocument.Parse(additional);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new LeoException(
                LeoErrorId.InvalidJson,
                "-AdditionalColumns is no object with a member per column. Give a hashtable, such as @{ sd_type = 'feature' }.");
        }

        foreach (JsonProperty member in document.RootElement.EnumerateObject())
        {
            check(member.Name);
            members[member.Name] = member.Value.GetRawText();
        }
    }
}
