using LeoPS.Changes;

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
