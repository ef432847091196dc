using LeoPS.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Changes;

/// <summary>The additional columns of the rows of one batch: which of them the live table takes, and which rows one statement can write.</summary>
/// <param name="table">The table; columns of its model are no additional ones.</param>
/// <param name="of">The additional columns of a change.</param>
/// <param name="load">Reads the columns of the live table.</param>
internal sealed class AdditionalColumnBatch<TChange>(
    TableDefinition table, Func<TChange, AdditionalColumns> of, Func<StatementScope, CancellationToken, Task<LiveColumns>> load)
    where TChange : class, IRowChange
{
    private LiveColumns? _live;
    private AdditionalColumnResolver? _resolver;

    /// <summary>Looks at the live table, if a row has additional columns.</summary>
    public async Task PrepareAsync(StatementScope scope, IEnumerable<TChange> changes, CancellationToken cancellationToken)
    {
        if (_resolver is null && changes.Any(c => !of(c).IsEmpty))
        {
            _live = await load(scope, cancellationToken).ConfigureAwait(false);
            _resolver = new AdditionalColumnResolver(table.Name, table.Columns, _live.Columns);
        }
    }

    /// <summary>Why the additional columns of a row cannot be written; null for nothing.</summary>
    public LeoException? Fault(TChange change) => _resolver?.Fault(of(change));

    /// <summary>
    /// The items in parts that one statement each can write: a statement writes the same columns for all of its rows. Only neighbours are put
    /// together, so that the order of the items stays.
    /// </summary>
    public IReadOnlyList<BatchItem<TChange>[]> Split(BatchItem<TChange>[] items)
    {
        var parts = new List<BatchItem<TChange>[]>();
        int start = 0;
        for (int i = 1; i <= items.Length; i++)
        {
            if (i == items.Length || !Columns(items[i]).SequenceEqual(Columns(items[start]), StringComparer.Ordinal))
            {
                parts.Add(items[start..i]);
                start = i;
            }
        }

        return parts;
    }

    /// <summary>The additional columns of rows that write the same ones, as parts of a statement.</summary>
    public AdditionalColumnSql AddTo(Statement statement, IEnumerable<TChange> changes) =>
        new(statement, [.. changes.Select(ValuesOf)], _live);

    private IReadOnlyList<string> Columns(BatchItem<TChange> item) => ValuesOf(item.Change).Columns;

    private AdditionalValues ValuesOf(TChange change) => _resolver?.Resolve(of(change)) ?? AdditionalValues.None;
}
