using System.Text.Json;

namespace LeoPS.Changes;

/// <summary>Decides which additional columns of a row are written to a live table. One for each table and call; not for several threads.</summary>
/// <param name="table">The table, for messages.</param>
/// <param name="known">The columns for which LeoPS has parameters or values of its own.</param>
/// <param name="live">The columns that the table has.</param>
public sealed class AdditionalColumnResolver(string table, IReadOnlyCollection<string> known, IReadOnlyList<TableColumn> live)
{
    private const string Parameter = "-AdditionalColumns";
    private const string OfRow = "AdditionalColumns of the row";

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = JsonValue.MaxDepth + 1 };

    private readonly Dictionary<string, TableColumn> _live = live.ToDictionary(c => c.Name, StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(known, StringComparer.Ordinal);
    private readonly Dictionary<AdditionalColumns, (AdditionalValues? Values, LeoException? Error)> _resolved = new(ReferenceEqualityComparer.Instance);

    /// <summary>The columns that are written; what the user gave goes before what the row brought.</summary>
    /// <exception cref="LeoException">
    /// InvalidJson where one is no object; ValueOutOfRange for a column that has a parameter of its own, that the table does not have, or that
    /// the database refuses any value for.
    /// </exception>
    public AdditionalValues Resolve(AdditionalColumns columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return Try(columns) is { Error: { } error } ? throw error : Try(columns).Values!;
    }

    /// <summary>What <see cref="Resolve"/> would throw; null for nothing.</summary>
    public LeoException? Fault(AdditionalColumns columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return Try(columns).Error;
    }

    private (AdditionalValues? Values, LeoException? Error) Try(AdditionalColumns columns)
    {
        if (columns.IsEmpty)
        {
            return (AdditionalValues.None, null);
        }

        if (!_resolved.TryGetValue(columns, out (AdditionalValues? Values, LeoException? Error) result))
        {
            try
            {
                result = (Read(columns), null);
            }
            catch (LeoException fault)
            {
                result = (null, fault);
            }

            _resolved[columns] = result;
        }

        return result;
    }

    private AdditionalValues Read(AdditionalColumns columns)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty member in Members(OfRow, columns.OfRow))
        {
            if (Takes(member, columns.IsCopy))
            {
                members[member.Name] = member.Value.GetRawText();
            }
        }

        foreach (JsonProperty member in Members(Parameter, columns.Given))
        {
            Check(member.Name);
            members[member.Name] = member.Value.GetRawText();
        }

        return members.Count == 0
            ? AdditionalValues.None
            : new AdditionalValues([.. members.Keys], $"{{{string.Join(',', members.Select(m => $"{JsonText.EscapeString(m.Key)}:{m.Value}"))}}}");
    }

    private static List<JsonProperty> Members(string what, string? json)
    {
        if (json is null)
        {
            return [];
        }

        using JsonDocument document = JsonDocument.Parse(json, _options);
        JsonElement root = document.RootElement.Clone();
        return root.ValueKind == JsonValueKind.Object
            ? [.. root.EnumerateObject()]
            : throw new LeoException(LeoErrorId.InvalidJson, $"{what} is no object with a member per column. Give a hashtable, such as @{{ sd_type = 'feature' }}.");
    }

    /// <summary>True where a column that came with a row is written. A null for a column that the table does not have loses nothing.</summary>
    private bool Takes(JsonProperty member, bool isCopy)
    {
        if (_known.Contains(member.Name))
        {
            return false;
        }

        if (_live.TryGetValue(member.Name, out TableColumn? column))
        {
            return !column.IsReadOnly && !(isCopy && column.IdentifiesRow);
        }

        return member.Value.ValueKind == JsonValueKind.Null ? false : throw Unknown(OfRow, member.Name);
    }

    private void Check(string name)
    {
        if (_known.Contains(name))
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange, $"{Parameter} names column {name}, for which there is a parameter, or which LeoPS itself writes. Leave it out there.");
        }

        if (!_live.TryGetValue(name, out TableColumn? column))
        {
            throw Unknown(Parameter, name);
        }

        if (column.IsReadOnly)
        {
            string why = column.Source == ColumnSource.Computed ? "the database computes it from other columns" : "the database numbers it (GENERATED ALWAYS AS IDENTITY)";
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"{Parameter} names column {name} of table {table}, and {why}, so that no value can be written to it. Leave it out.");
        }
    }

    private LeoException Unknown(string what, string name) => new(
        LeoErrorId.ValueOutOfRange,
        $"{what} names '{LeoErrors.Short(name)}', and table {table} has no such column. Columns are named as the database spells them; see AdditionalColumns of a row that is there.");
}
