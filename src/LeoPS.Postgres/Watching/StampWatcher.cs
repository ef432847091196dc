using System.Diagnostics;
using System.Threading.Channels;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;

namespace LeoPS.Postgres.Watching;

/// <summary>
/// Looks for rows with a later stamp, again and again: the best that can be done without a history. What stamps nothing is not seen,
/// nor all but the last of several changes between two looks.
/// </summary>
internal sealed class StampWatcher<TRow, TWatch>(
    IWatchStatements<TRow, TWatch> statements, TWatch watch, WatchLine line, CallContext context, ChannelWriter<IReadOnlyList<ReadItem<TRow>>> output)
    where TRow : class
{
    /// <summary>A stamp is the beginning of its transaction: what commits this much later is still found.</summary>
    private static readonly TimeSpan _overlap = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(1);
    private Dictionary<Guid, object> _known = [];
    private DateTime _since;
    private bool _begun;

    /// <summary>Watches until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                await LookAsync(await line.OpenAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                line.Worked();
                // Without an index each look reads the table: it takes a tenth of the time at the most.
                TimeSpan pause = Stopwatch.GetElapsedTime(start) * 10;
                await Task.Delay(pause < _shortest ? _shortest : pause > _longest ? _longest : pause, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (_begun && WatchLine.IsLost(e) && !cancellationToken.IsCancellationRequested)
            {
                await line.BreakAsync(e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task LookAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        DateTime now = await NowAsync(scope, cancellationToken).ConfigureAwait(false);
        if (!_begun)
        {
            _since = now;
        }

        RelationShape shape = await RelationShape.LoadAsync(scope, statements.History.Table, cancellationToken).ConfigureAwait(false);
        Statement statement = statements.StampedAfter(_since - _overlap, shape, watch);
        var met = new Dictionary<Guid, object>();
        // Whole: whoever takes the rows may be slow, and no statement stays open meanwhile.
        IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> chunks = RowChunks.WholeAsync(
            RowChunks.ReadAsync(scope, statement, statements.Reader, $"{statements.History.Noun}s", cancellationToken));
        await foreach (IReadOnlyList<ReadItem<TRow>> chunk in chunks.ConfigureAwait(false))
        {
            ReadItem<TRow>[] changed = [.. chunk.Where(item => IsNew(item.Row, met))];
            if (_begun && changed.Length > 0)
            {
                await output.WriteAsync(changed, cancellationToken).ConfigureAwait(false);
            }
        }

        // What this look did not meet has no stamp behind the bound any more, and comes with another version if it ever comes again.
        _known = met;
        _since = now;
        if (!_begun)
        {
            _begun = true;
            context.Log?.Invoke($"watching: {statements.History.Noun}s with a later {statements.Stamps} from now on");
        }
    }

    private bool IsNew(TRow row, Dictionary<Guid, object> met)
    {
        (Guid id, object version) = statements.VersionOf(row);
        met[id] = version;
        if (_known.TryGetValue(id, out object? known) && known.Equals(version))
        {
            return false;
        }

        // At once: a look that breaks off in its midst is repeated.
        _known[id] = version;
        return true;
    }

    private static async Task<DateTime> NowAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        await using OpenStatement open = await scope.OpenAsync(new Statement("select now()"), cancellationToken).ConfigureAwait(false);
        await open.ReadAsync(cancellationToken).ConfigureAwait(false);
        DateTime now = open.Reader.GetDateTime(0);
        await open.FinishAsync().ConfigureAwait(false);
        return now;
    }
}
