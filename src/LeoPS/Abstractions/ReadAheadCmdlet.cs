using System.Management.Automation;
using LeoPS.Binding;
using LeoPS.Reading;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that takes rows as the server gives them, which reads ahead meanwhile. Which rows they are, and what is written of them, is the derived cmdlet's.</summary>
public abstract class ReadAheadCmdlet<TRow> : DatabaseCmdlet
    where TRow : class
{
    private ReadAhead<ReadItem<TRow>>? _reading;

    /// <summary>How many at the most.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    [WholeNumberTransformation]
    public long? First { get; set; }

    /// <summary>What a row is called in messages.</summary>
    private protected abstract string Noun { get; }

    /// <summary>True once any row came.</summary>
    private protected bool AnyCame { get; private set; }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _reading?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Takes rows, one after the other.</summary>
    /// <param name="stream">The rows, from the server.</param>
    /// <param name="take">Takes a row; false where no more are wanted.</param>
    private protected void Read(Func<CancellationToken, IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>>> stream, Func<ReadItem<TRow>, bool> take)
    {
        using var reading = new ReadAhead<ReadItem<TRow>>(stream, StopToken);
        _reading = reading;
        using IEnumerator<IReadOnlyList<ReadItem<TRow>>> chunks = reading.Chunks().GetEnumerator();
        bool more = true;
        while (more && Guard(chunks.MoveNext))
        {
            FlushLog();
            foreach (ReadItem<TRow> item in chunks.Current)
            {
                AnyCame = true;
                more = take(item);
                if (!more)
                {
                    break;
                }
            }
        }

        _reading = null;
        FlushLog();
    }
}
