namespace LeoPS.Postgres.Tables;

/// <summary>What every statement over a table has in common.</summary>
/// <param name="Name">The table, in schema public.</param>
/// <param name="Noun">What a row is called in messages.</param>
/// <param name="Alias">What its rows are called in statements.</param>
/// <param name="Columns">The columns that the model has, in the order in which every statement lists them.</param>
/// <param name="StatusColumn">The status column.</param>
/// <param name="UpdatedColumn">When the row was last changed; null where the table has no such column.</param>
/// <param name="NameColumns">What is read of other tables beside, by alias; empty for nothing.</param>
/// <param name="NameJoin">The join that brings it.</param>
internal sealed record TableDefinition(
    string Name, string Noun, string Alias, IReadOnlyList<string> Columns, string StatusColumn, string? UpdatedColumn, IReadOnlyList<string> NameColumns, string NameJoin)
{
    /// <summary>Columns that the server counts by itself; where there are any, rows come with a hash of all the others.</summary>
    public IReadOnlyList<string> CountedColumns { get; init; } = [];

    /// <summary>Columns that a live table may have in another type, or may lack: the type that they are read as, null where there is none.</summary>
    public IReadOnlyDictionary<string, string> ReadAs { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The primary key with its alias.</summary>
    public string Id => $"{Alias}.id";

    /// <summary>The table with its schema.</summary>
    public string QualifiedName => $"public.{Name}";
}
