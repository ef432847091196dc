using System.Text.Json;

namespace LeoPS.Changes;

/// <summary>A row that is to be made, as one JSON object: the server makes of each member what its column's type is, whichever that is in this database.</summary>
/// <param name="Columns">The columns that are written.</param>
/// <param name="Json">The object.</param>
public sealed record RowDocument(IReadOnlyList<string> Columns, string Json)
{
    private const string Parameter = "-AdditionalColumns";

    /// <summary>Puts a row together for a table.</summary>
    /// <param name="columns">The columns that LeoPS knows.</param>
    /// <param name="additional">A JSON object with further ones; null for none.</param>
    /// <param name="table">The table, for messages.</param>
    /// <param name="live">The columns that the table has.</param>
    /// <exception cref="LeoException">InvalidJson where that is no object; ValueOutOfRange for a column that has a parameter of its own, or that the table does not have.</exception>
    public static RowDocument Of(IReadOnlyList<NewColumn> columns, string? additional, string table, IReadOnlyCollection<string> live)
    {
        var members = columns
            .Where(c => !c.IsDefault || live.Contains(c.Name))
            .ToDictionary(c => c.Name, c => JsonText.EscapeString(c.Value), StringComparer.Ordinal);
        AddAdditional(members, additional, name => Check(name, columns, table, live));
        return Of(members);
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
        return Of(members);
    }

    private static RowDocument Of(Dictionary<string, string> members) =>
        new([.. members.Keys], $"{{{string.Join(',', members.Select(m => $"{JsonText.EscapeString(m.Key)}:{m.Value}"))}}}");

    private static void AddAdditional(Dictionary<string, string> members, string? additional, Action<string> check)
    {
        if (additional is null)
        {
            return;
        }

        using JsonDocument document = JsonDocument.Parse(additional);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new LeoException(LeoErrorId.InvalidJson, $"{Parameter} is no object with a member per column. Give a hashtable, such as @{{ sd_type = 'feature' }}.");
        }

        foreach (JsonProperty member in document.RootElement.EnumerateObject())
        {
            check(member.Name);
            members[member.Name] = member.Value.GetRawText();
        }
    }

    private static void Check(string name, IReadOnlyList<NewColumn> columns, string table, IReadOnlyCollection<string> live)
    {
        if (columns.Any(c => c.Name == name))
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"{Parameter} names column {name}, for which there is a parameter of its own. Leave it out there.");
        }

        if (!live.Contains(name))
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange, $"{Parameter} names '{LeoErrors.Short(name)}', and table {table} has no such column. Columns are named as the database spells them; see AdditionalColumns of a row that is there.");
        }
    }
}
