using LeoPS.Schema;

namespace LeoPS.Postgres.Schema;

/// <summary>What a database has of some tables, read at one moment. Kinds are those of inspect.sql.</summary>
internal sealed class LiveSchema
{
    private readonly Dictionary<(string Kind, string Table, string Name), (string Text, bool Ours)> _items = [];

    /// <summary>Everything that can be compared with a contract.</summary>
    public IReadOnlyList<SchemaDefinition> Definitions =>
        (from item in _items
         let kind = Enum.TryParse<SchemaItemKind>(item.Key.Kind, ignoreCase: true, out var known) ? known : (SchemaItemKind?)null
         where kind is not null
         select new SchemaDefinition(item.Key.Table, kind.Value, item.Key.Name, item.Value.Text, item.Value.Ours)).ToList();

    /// <summary>Takes one row of inspect.sql.</summary>
    public void Add(string kind, string table, string name, string definition, bool ours) => _items[(kind, table, name)] = (definition, ours);

    /// <summary>The definition of a thing; null where it is not there.</summary>
    public string? Find(string kind, string table, string name) => _items.TryGetValue((kind, table, name), out var item) ? item.Text : null;

    /// <summary>True where the thing is there.</summary>
    public bool Has(string kind, string table, string name) => _items.ContainsKey((kind, table, name));
}
