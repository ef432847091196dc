using LeoPS.Changes;
using LeoPS.Postgres.Changes;

namespace LeoPS.Postgres.Tables;

/// <summary>The objects of a call's edits for the live table. What is wrong with one fails its row and no other.</summary>
/// <param name="table">Which columns an edit may write.</param>
/// <param name="live">The columns that the table has.</param>
internal sealed class EditDocuments<TKey>(WritableTable table, IReadOnlyCollection<string> live)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LeoException> _faults = [];
    private (RowValues Values, RowDocument Document)? _last;

    /// <summary>Why an edit cannot be written whatever its row is; null for nothing.</summary>
    public LeoException? FaultOf(TKey key) => _faults.GetValueOrDefault(key);

    /// <summary>Writes the edits of a batch that have no fault; gives each row with its place among all of them.</summary>
    /// <param name="items">The batch.</param>
    /// <param name="edit">The key and the values of an edit.</param>
    /// <param name="write">Writes edits with their objects; gives each row with its place among these.</param>
    public async Task<IReadOnlyList<Written<TRow>>> WriteAsync<TChange, TRow>(
        IReadOnlyList<BatchItem<TChange>> items,
        Func<TChange, (TKey Key, RowValues Values)> edit,
        Func<IReadOnlyList<BatchItem<TChange>>, IReadOnlyList<RowDocument>, Task<IReadOnlyList<Written<TRow>>>> write)
        where TChange : class, IRowChange
        where TRow : class
    {
        var usable = new List<(int At, RowDocument Document)>();
        for (int at = 0; at < items.Count; at++)
        {
            (TKey key, RowValues values) = edit(items[at].Change);
            if (Of(key, values) is { } document)
            {
                usable.Add((at, document));
            }
        }

        return usable.Count == 0
            ? []
            : [.. (await write(usable.ConvertAll(u => items[u.At]), usable.ConvertAll(u => u.Document)).ConfigureAwait(false)).Select(w => w with { At = usable[w.At].At })];
    }

    /// <summary>The object of an edit; null where it has a fault.</summary>
    public RowDocument? Of(TKey key, RowValues values)
    {
        if (_last is { } last && ReferenceEquals(last.Values, values))
        {
            return last.Document;
        }

        try
        {
            var document = RowDocument.OfEdit(values, table, live);
            _last = (values, document);
            return document;
        }
        catch (LeoException fault)
        {
            _faults[key] = fault;
            return null;
        }
    }
}
