using System.Threading.Channels;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Watching;

/// <summary>Follows the history of a table: each change that is committed after the beginning comes once, whatever becomes of the connection.</summary>
internal sealed class HistoryWatcher<TRow, TWatch>(
    IWatchStatements<TRow, TWatch> statements, TWatch watch, WatchLine line, CallContext context, ChannelWriter<IReadOnlyList<ReadItem<TRow>>> output)
    where TRow : class
{
    private const int MaxRows = 500;
    private const int PageCharacters = 2_000_000;
    private static readonly TimeSpan _fullPause = TimeSpan.FromMilliseconds(50);
    private int _rows = MaxRows;

    /// <summary>Watches until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        HistoryPlace? place = null;
        bool broke = false;
        while (true)
        {
            broke |= line.IsBroken;
            HistoryPage<TRow> page;
            try
            {
                StatementScope scope = await line.OpenAsync(cancellationToken).ConfigureAwait(false);
                if (place is null)
                {
                    place = await StartAsync(scope, cancellationToken).ConfigureAwait(false);
                    context.Log?.Invoke("watching: every change of a status from now on, by the history");
                }

                if (broke && place.Target is null)
                {
                    place = place.Doubted();
                }

                line.Forget();
                page = await ReadAsync(scope, place, cancellationToken).ConfigureAwait(false);
                line.Worked();
                broke &= place.Target is not null;
            }
            catch (Exception e) when (place is not null && WatchLine.IsLost(e) && !cancellationToken.IsCancellationRequested)
            {
                broke = true;
                await line.BreakAsync(e, cancellationToken).ConfigureAwait(false);
                continue;
            }

            while (page.Items.Count > 0 && !output.TryWrite(page.Items))
            {
                // Whoever takes the objects is slower than the changes.
                await line.PauseAsync(_fullPause, cancellationToken).ConfigureAwait(false);
            }

            place = page.Next;
            if (place.Target is null)
            {
                await line.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<HistoryPlace> StartAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        await using OpenStatement open = await scope.OpenAsync(HistorySnapshotSql.Start(statements.History), cancellationToken).ConfigureAwait(false);
        await open.ReadAsync(cancellationToken).ConfigureAwait(false);
        var place = new HistoryPlace(open.Reader.GetString(0), (open.Reader.GetDateTime(3), open.Reader.GetString(2)), open.Reader.GetInt64(1));
        await open.FinishAsync().ConfigureAwait(false);
        return place;
    }

    private async Task<HistoryPage<TRow>> ReadAsync(StatementScope scope, HistoryPlace place, CancellationToken cancellationToken)
    {
        // Anew each time: what a DBA changes while somebody watches is seen.
        TableSql sql = statements.For(await RelationShape.LoadAsync(scope, statements.History.Table, cancellationToken).ConfigureAwait(false));
        Statement changes = HistorySnapshotSql.Page(sql, statements.History, statement => statements.Conditions(watch, statement), place, _rows);
        await using OpenStatement open = await scope.OpenAsync(changes, cancellationToken).ConfigureAwait(false);
        NpgsqlDataReader reader = open.Reader;
        RowReader<TRow> rows = statements.Reader(reader);
        var items = new List<ReadItem<TRow>>();
        string now = place.Seen;
        long lastId = 0;
        int entries = 0;
        long characters = 0;
        while (await open.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            now = reader.IsDBNull(rows.Next + 3) ? throw Standby() : reader.GetString(rows.Next + 3);
            if (reader.IsDBNull(rows.Next))
            {
                // No change: this row brought the snapshot alone.
                continue;
            }

            entries++;
            lastId = reader.GetInt64(rows.Next);
            if (reader.IsDBNull(0))
            {
                context.Log?.Invoke($"{LeoErrors.WithArticle(statements.History.Noun)} changed and was gone before it could be read");
                continue;
            }

            items.Add(Read(rows, reader));
            characters += rows.LastSize;
        }

        await open.FinishAsync().ConfigureAwait(false);
        HistoryPlace next = place.Behind(now, lastId, isLast: entries < _rows);
        _rows = entries == 0 ? MaxRows : (int)Math.Clamp(PageCharacters / Math.Max(1, characters / entries), 1, MaxRows);
        return new HistoryPage<TRow>(items, next);
    }

    /// <summary>A line that is made again may lead there, of several hosts: until that one takes over, or another answers, nothing is read.</summary>
    private static LeoException Standby() => new(LeoErrorId.ConnectionLost, "the server is a standby, which does not tell what is going on; waiting for the primary");

    /// <summary>The row as it is now, or, where it has changed again since, with the status of this change.</summary>
    private ReadItem<TRow> Read(RowReader<TRow> rows, NpgsqlDataReader reader)
    {
        ReadItem<TRow> item = rows.Read();
        if (!reader.GetBoolean(rows.Next + 2))
        {
            return item;
        }

        string status = reader.GetString(rows.Next + 1);
        return statements.AsOf(item.Row, status) is { } row
            ? item with { Row = row }
            : item with { Error = LeoErrors.UnreadableRow(statements.History.Noun, statements.VersionOf(item.Row).Id.ToString(), statements.History.StatusColumn, $"was '{LeoErrors.Short(status)}', which is no status of it") };
    }
}
