using System.Management.Automation;
using LeoPS.Binding;
using LeoPS.Reading;

namespace LeoPS.Abstractions;

/// <summary>
/// A cmdlet that streams rows of one table: by filters that the server applies, or again for rows that are piped in.
/// Which table it is, and which filters, is the derived cmdlet's.
/// </summary>
public abstract class ReadingCmdlet<TRow, TFilter, TOrder, TIdentity> : DatabaseCmdlet
    where TRow : class, IOrderedRow<TOrder>
    where TFilter : new()
    where TOrder : struct, Enum
    where TIdentity : RowIdentity<TRow>
{
    private const int IdsPerStatement = 1000;
    private readonly List<TIdentity> _asked = [];
    private ReadAhead<ReadItem<TRow>>? _reading;
    private long _left = long.MaxValue;

    /// <summary>The order.</summary>
    [Parameter]
    public TOrder OrderBy { get; set; }

    /// <summary>Largest or newest first.</summary>
    [Parameter]
    public SwitchParameter Descending { get; set; }

    /// <summary>How many at the most.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? First { get; set; }

    /// <summary>How many to leave out at the beginning.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Skip { get; set; }

    /// <summary>Reads in pages of this many rows, each a statement of its own.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int? PageSize { get; set; }

    /// <summary>Writes JSON lines, lossless, instead of objects.</summary>
    [Parameter]
    public SwitchParameter AsJson { get; set; }

    /// <summary>What a row is called in messages.</summary>
    private protected abstract string Noun { get; }

    /// <summary>True where nothing but ids selects.</summary>
    private protected abstract bool OnlyIds { get; }

    /// <summary>True once any row came.</summary>
    private protected bool AnyCame { get; private set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _left = First ?? long.MaxValue;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _reading?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The rows of a query, from the server.</summary>
    private protected abstract IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> Stream(TFilter filter, ReadRange range, CancellationToken cancellationToken);

    /// <summary>The query of the parameters, for a filter and a part of the reading.</summary>
    private protected TQuery Query<TQuery>(TFilter filter, ReadRange range)
        where TQuery : RowQuery<TFilter, TOrder>, new() => new()
        {
            Filter = filter,
            OrderBy = OrderBy,
            Descending = Descending,
            PageSize = PageSize,
            First = range.First,
            Skip = range.Skip,
            ResumeAfter = range.Place,
        };

    /// <summary>The filter of the parameters.</summary>
    /// <param name="ids">The ids that are asked for; null where those of the parameters count.</param>
    private protected abstract TFilter Filter(IReadOnlyList<Guid>? ids);

    /// <summary>The filter for rows that are read again.</summary>
    private protected virtual TFilter Again(IReadOnlyList<TIdentity> asked) => Filter([.. asked.Select(a => a.Id).Distinct()]);

    /// <summary>True where a row that was asked for is among those that came.</summary>
    private protected virtual bool Came(TIdentity asked, HashSet<Guid> met) => met.Contains(asked.Id);

    /// <summary>Why a row that was named is not there.</summary>
    private protected virtual LeoException Missing(string label) => LeoErrors.NotFound(Noun, label, Database.Server.Role);

    /// <summary>The row as one line of JSON.</summary>
    private protected abstract string Line(TRow row);

    /// <summary>Takes piped rows: those that name none are reported, the others are read again, many at a time.</summary>
    private protected void Ask(IEnumerable<TIdentity> identities)
    {
        foreach (TIdentity identity in identities)
        {
            if (identity.Error is { } error)
            {
                WriteRowError(error, identity.Source);
                continue;
            }

            _asked.Add(identity);
            if (_asked.Count == IdsPerStatement)
            {
                ReadAsked();
            }
        }
    }

    /// <summary>Reads what was piped and not read yet; false where nothing was.</summary>
    private protected bool ReadAsked()
    {
        if (_asked.Count == 0)
        {
            return false;
        }

        HashSet<Guid> met = Read(Again(_asked), new ReadRange(null, 0, null), collect: true);
        // With -First, an id that did not come may just have been one too many.
        if (OnlyIds && First is null)
        {
            foreach (TIdentity identity in _asked.Where(a => !Came(a, met)))
            {
                WriteRowError(Missing(identity.ToString()), identity.Source);
            }
        }

        _asked.Clear();
        return true;
    }

    /// <summary>Reads by the parameters. An id that was named and does not exist is an error; one that another filter leaves out is not.</summary>
    private protected void ReadSelected(IReadOnlyList<Guid>? ids, ResumePoint? place)
    {
        HashSet<Guid> met = Read(Filter(null), new ReadRange(First, Skip, place), collect: ids is not null);
        if (OnlyIds && First is null && Skip == 0 && place is null)
        {
            foreach (Guid id in (ids ?? []).Where(id => !met.Contains(id)))
            {
                WriteRowError(Missing(id.ToString()), id);
            }
        }
    }

    /// <summary>Takes notice of a row that comes out.</summary>
    private protected virtual void Notice(TRow row)
    {
    }

    /// <summary>Streams a query; returns the ids that came, where they are to be collected.</summary>
    private protected HashSet<Guid> Read(TFilter filter, ReadRange range, bool collect)
    {
        var met = new HashSet<Guid>();
        using var reading = new ReadAhead<ReadItem<TRow>>(token => Stream(filter, range, token), StopToken);
        _reading = reading;
        using IEnumerator<IReadOnlyList<ReadItem<TRow>>> chunks = reading.Chunks().GetEnumerator();
        while (_left > 0 && Guard(chunks.MoveNext))
        {
            FlushLog();
            foreach (ReadItem<TRow> item in chunks.Current)
            {
                AnyCame = true;
                if (collect)
                {
                    met.Add(item.Row.Id);
                }

                Notice(item.Row);
                Write(item);
                if (--_left == 0)
                {
                    break;
                }
            }
        }

        _reading = null;
        FlushLog();
        return met;
    }

    /// <summary>The row after which to go on, as -ResumeAfter names it; null where it was not given.</summary>
    private protected ResumePoint? Place<TPlace>(TPlace[]? resumeAfter)
        where TPlace : RowIdentity<TRow>
    {
        if (resumeAfter is not [TPlace last, ..])
        {
            return null;
        }

        return Guard(() => last.Error is null
            ? last.Row is { } row ? ResumePoint.After(row, OrderBy) : ResumePoint.After(last.Id)
            : throw last.Error);
    }

    private void Write(ReadItem<TRow> item)
    {
        if (item.Error is { } error)
        {
            WriteRowError(error, item.Row.Id);
        }
        else if (AsJson)
        {
            WriteObject(Line(item.Row));
        }
        else
        {
            WriteObject(item.Row);
        }
    }
}
