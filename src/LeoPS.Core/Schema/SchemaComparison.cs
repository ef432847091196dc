namespace LeoPS.Schema;

/// <summary>Holds a contract and a live database side by side.</summary>
internal static class SchemaComparison
{
    /// <summary>Every item of the contract in its order, each with its state, and after each table what only the database has.</summary>
    /// <param name="contract">What should be there.</param>
    /// <param name="live">What is there, of the contract's tables only.</param>
    /// <param name="same">Whether two definitions of one kind mean the same: contract first, database second.</param>
    public static IReadOnlyList<SchemaItem> Compare(
        IReadOnlyList<SchemaDefinition> contract,
        IReadOnlyList<SchemaDefinition> live,
        Func<SchemaItemKind, string, string, bool> same)
    {
        var found = live.ToDictionary(Key);
        var expected = contract.Select(Key).ToHashSet();
        var items = new List<SchemaItem>(contract.Count);
        foreach (var table in contract.GroupBy(item => item.Table, StringComparer.Ordinal))
        {
            foreach (var item in table)
            {
                var actual = found.GetValueOrDefault(Key(item))?.Text;
                items.Add(new SchemaItem(item.Table, item.Kind, item.Name, item.Text, actual, StateOf(item, actual, same)));
            }

            items.AddRange(live
                .Where(item => item.Table == table.Key && !expected.Contains(Key(item)))
                .OrderBy(item => item.Kind)
                .Select(Addition));
        }

        return items;
    }

    private static (string Table, SchemaItemKind Kind, string Name) Key(SchemaDefinition item) => (item.Table, item.Kind, item.Name);

    private static SchemaItemState StateOf(SchemaDefinition item, string? actual, Func<SchemaItemKind, string, string, bool> same)
    {
        if (actual is null)
        {
            return SchemaItemState.Missing;
        }

        return same(item.Kind, item.Text, actual) ? SchemaItemState.Ok : SchemaItemState.Different;
    }

    private static SchemaItem Addition(SchemaDefinition item) => item.Ours
        ? new SchemaItem(item.Table, item.Kind, item.Name, item.Text, item.Text, SchemaItemState.Ok)
        : new SchemaItem(item.Table, item.Kind, item.Name, Expected: null, item.Text, SchemaItemState.Extra);
}
