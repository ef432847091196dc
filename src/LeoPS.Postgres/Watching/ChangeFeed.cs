using System.Runtime.CompilerServices;
using System.Threading.Channels;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.History;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using LeoPS.Watching;
using Npgsql;

namespace LeoPS.Postgres.Watching;

/// <summary>The changes of a table over Npgsql: a worker watches, a bounded number of chunks ahead of whoever takes them.</summary>
internal sealed class ChangeFeed<TRow, TWatch>(IWatchStatements<TRow, TWatch> statements, ConnectionSource source, ConnectionSettings settings, string role)
    : IChangeFeed<TRow, TWatch>
    where TRow : class
{
    private const int ChunksAhead = 4;

    public Task<WatchBasis> FindBasisAsync(CallContext context, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        () => new PooledScope(source, settings, context).RunAsync("look for the history", HistorySnapshotSql.Basis(statements.History), ReadBasisAsync, _ => 1, cancellationToken),
        role,
        cancellationToken);

    public async IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> WatchAsync(TWatch watch, CallContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        WatchBasis basis = await FindBasisAsync(context, cancellationToken).ConfigureAwait(false);
        var chunks = Channel.CreateBounded<IReadOnlyList<ReadItem<TRow>>>(new BoundedChannelOptions(ChunksAhead) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationToken stopped = stop.Token;
        Task worker = Task.Run(() => WorkAsync(watch, basis, context, chunks.Writer, stopped), CancellationToken.None);
        try
        {
            await foreach (IReadOnlyList<ReadItem<TRow>> chunk in chunks.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return chunk;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await worker.ConfigureAwait(false);
        }
    }

    public Task<IChangeSignal> ListenAsync(CallContext context, CancellationToken cancellationToken) => PostgresErrors.GuardAsync<IChangeSignal>(
        async () =>
        {
            long histories = await new PooledScope(source, settings, context)
                .RunAsync("look for the history", HistorySql.Exists(statements.History), Results.CountAsync, n => n, cancellationToken).ConfigureAwait(false);
            var line = new WatchLine(source, settings, context, histories > 0 ? statements.History.Channel : null);
            try
            {
                await line.OpenAsync(cancellationToken).ConfigureAwait(false);
                line.Worked();
                return new ChangeSignal(line, role);
            }
            catch
            {
                await line.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        },
        role,
        cancellationToken);

    /// <summary>Watches until it is stopped; what it fails of comes out at the other end.</summary>
    private async Task WorkAsync(TWatch watch, WatchBasis basis, CallContext context, ChannelWriter<IReadOnlyList<ReadItem<TRow>>> output, CancellationToken stopped)
    {
        Exception? failure = null;
        try
        {
            bool exact = basis == WatchBasis.History;
            await using var line = new WatchLine(source, settings, context, exact ? statements.History.Channel : null);
            await (exact
                ? new HistoryWatcher<TRow, TWatch>(statements, watch, line, context, output).RunAsync(stopped)
                : new StampWatcher<TRow, TWatch>(statements, watch, line, context, output).RunAsync(stopped)).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, whoever takes the chunks gets it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = PostgresErrors.Translate(e, role, stopped);
        }

        output.Complete(failure);
    }

    private static async Task<WatchBasis> ReadBasisAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return !reader.GetBoolean(0) ? WatchBasis.Stamps : reader.GetBoolean(1) ? WatchBasis.StampsOnStandby : WatchBasis.History;
    }
}
