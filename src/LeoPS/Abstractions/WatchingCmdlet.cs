using System.Management.Automation;
using System.Runtime.CompilerServices;
using LeoPS.Binding;
using LeoPS.Ports;
using LeoPS.Reading;
using LeoPS.Watching;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that gives the rows of one table as their status changes, until it is stopped.</summary>
public abstract class WatchingCmdlet<TRow, TWatch> : DatabaseCmdlet
    where TRow : class
    where TWatch : class
{
    /// <summary>More than a timer takes is for ever.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(49);

    private IAsyncEnumerator<IReadOnlyList<ReadItem<TRow>>>? _changes;

    /// <summary>How long to watch; without it until Ctrl+C.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? Timeout { get; set; }

    /// <summary>Where the changes come from.</summary>
    private protected abstract IChangeFeed<TRow, TWatch> Feed { get; }

    /// <summary>The columns that a watch without a history goes by, and what is missed then; the end of a sentence.</summary>
    private protected abstract string WithoutHistory { get; }

    /// <summary>The watch that the parameters mean, what they name that is not there being reported; null where there is nothing to watch.</summary>
    private protected abstract TWatch? MakeWatch();

    /// <summary>The row's id.</summary>
    private protected abstract Guid IdOf(TRow row);

    /// <summary>Refuses a watch that would be over before it has begun.</summary>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Timeout <= TimeSpan.Zero)
        {
            Guard<bool>(() => throw new LeoException(LeoErrorId.ValueOutOfRange, "-Timeout is not longer than zero, and the watch would be over before it began. Say how long to watch, or leave it out."));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (MakeWatch() is not { } watch)
        {
            return;
        }

        if (Limits(Await(token => Feed.FindBasisAsync(Context, token))) is { } limits)
        {
            WriteWarning(limits);
        }

        _changes = Changes(watch, StopToken).GetAsyncEnumerator(StopToken);
        while (Await(_ => _changes.MoveNextAsync().AsTask()))
        {
            foreach (ReadItem<TRow> item in _changes.Current)
            {
                if (item.Error is { } error)
                {
                    WriteRowError(error, IdOf(item.Row));
                }
                else
                {
                    WriteObject(item.Row);
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // First: a watch that is still being waited for ends by it.
        base.Dispose(disposing);
        if (disposing && _changes is { } changes)
        {
            _changes = null;
            Task.Run(async () => await changes.DisposeAsync().ConfigureAwait(false))
                .WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }
    }

    private string? Limits(WatchBasis basis) => basis switch
    {
        WatchBasis.Stamps => $"This database keeps no history, so {WithoutHistory} Install-LeoSchema -WithHistory makes it exact.",
        WatchBasis.StampsOnStandby => $"This server is a standby, where a history cannot be followed, so {WithoutHistory} Connected to the primary it is exact.",
        _ => null,
    };

    /// <summary>The changes until the time is up.</summary>
    private async IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> Changes(TWatch watch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (Timeout is { } timeout && timeout < _longest)
        {
            end.CancelAfter(timeout);
        }

        await using IAsyncEnumerator<IReadOnlyList<ReadItem<TRow>>> changes = Feed.WatchAsync(watch, Context, end.Token).GetAsyncEnumerator(end.Token);
        while (await MoveNextAsync().ConfigureAwait(false))
        {
            yield return changes.Current;
        }

        async Task<bool> MoveNextAsync()
        {
            try
            {
                return await changes.MoveNextAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }
    }
}
