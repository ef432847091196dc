using System.Management.Automation;
using LeoPS.Binding;
using LeoPS.Reading;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that streams rows of one table, by filters that the server applies. Which table it is, and which filters, is the derived cmdlet's.</summary>
public abstract class StreamingCmdlet<TRow, TFilter, TOrder> : ReadAheadCmdlet<TRow>
    where TRow : class, IOrderedRow<TOrder>
    where TFilter : new()
    where TOrder : struct, Enum
{
    private long _left = long.MaxValue;

    /// <summary>The order.</summary>
    [Parameter]
    [NoSecretTransformation]
    public TOrder OrderBy { get; set; }

    /// <summary>Largest or newest first.</summary>
    [Parameter]
    public SwitchParameter Descending { get; set; }

    /// <summary>How many to leave out at the beginning.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    [WholeNumberTransformation]
    public long Skip { get; set; }

    /// <summary>Reads in pages of this many rows, each a statement of its own.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    [WholeNumberTransformation]
    public int? PageSize { get; set; }

    /// <summary>Writes JSON lines, lossless, instead of objects.</summary>
    [Parameter]
    public SwitchParameter AsJson { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _left = First ?? long.MaxValue;
    }

    /// <summary>The one row that -ResumeAfter names; null where it was not given. Nothing and several are refused: a loop over pages would begin again and again.</summary>
    private protected TPlace? OnePlace<TPlace>(TPlace[]? resumeAfter)
        where TPlace : class => resumeAfter switch
        {
            null => null,
            [TPlace only] => only,
            _ => Guard<TPlace>(() => throw new LeoException(
                LeoErrorId.InvalidIdentity, $"-ResumeAfter names {(resumeAfter.Length == 0 ? "no row" : $"{resumeAfter.Length} rows")}, and a reading goes on behind one. Give the last row of the page before, as in $rows[-1].")),
        };

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

    /// <summary>The row as one line of JSON.</summary>
    private protected abstract string Line(TRow row);

    /// <summary>Takes notice of a row that comes out.</summary>
    private protected virtual void Notice(TRow row)
    {
    }

    /// <summary>Streams a query.</summary>
    /// <param name="filter">Which rows.</param>
    /// <param name="range">Which part of them.</param>
    /// <param name="collect">Receives each row as it comes; null where nobody needs them.</param>
    private protected void Read(TFilter filter, ReadRange range, Action<TRow>? collect)
    {
        if (_left == 0)
        {
            return;
        }

        Read(token => Stream(filter, range, token), item =>
        {
            collect?.Invoke(item.Row);
            Notice(item.Row);
            Write(item);
            return --_left > 0;
        });
    }

    private void Write(ReadItem<TRow> item)
    {
        if (item.Error is { } error)
        {
            WriteRowError(error, item.Row.GetKey());
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
