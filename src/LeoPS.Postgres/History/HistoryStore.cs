using System.Runtime.CompilerServices;
using LeoPS.History;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.History;

/// <summary>A history over Npgsql.</summary>
internal sealed class HistoryStore<TEntry, TQuery>(IHistoryStatements<TEntry, TQuery> statements, IScopeSource scopes, string role) : IHistoryStore<TEntry, TQuery>
    where TEntry : HistoryEntry
    where TQuery : HistoryQuery
{
    public IAsyncEnumerable<IReadOnlyList<ReadItem<TEntry>>> ReadAsync(TQuery query, CallContext context, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(token => ReadPagesAsync(query, scopes.For(context), scopes.PageSize(null), token), role, cancellationToken);

    public Task<IReadOnlyList<Guid>> FindUnknownAsync(IReadOnlyList<Guid> ids, CallContext context, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        () => scopes.For(context).RunAsync($"look for unknown {statements.Table.Noun}s", HistorySql.Unknown(statements.Table, ids), Results.IdsAsync, i => i.Count, cancellationToken),
        role,
        cancellationToken);

    private async IAsyncEnumerable<IReadOnlyList<ReadItem<TEntry>>> ReadPagesAsync(
        TQuery query, StatementScope scope, int? pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long left = query.First ?? long.MaxValue;
        TEntry? place = null;
        while (left > 0)
        {
            long wanted = Math.Min(left, pageSize ?? long.MaxValue);
            long got = 0;
            IAsyncEnumerable<IReadOnlyList<ReadItem<TEntry>>> page = RowChunks.ReadAsync(
                scope, HistorySql.Select(statements, query, place, wanted), statements.Reader, $"status changes of {statements.Table.Noun}s", cancellationToken);
            await using IAsyncEnumerator<IReadOnlyList<ReadItem<TEntry>>> chunks = (pageSize is null ? page : RowChunks.WholeAsync(page)).GetAsyncEnumerator(cancellationToken);
            while (await MoveNextAsync(chunks, scope, cancellationToken).ConfigureAwait(false))
            {
                got += chunks.Current.Count;
                place = chunks.Current[^1].Row;
                yield return chunks.Current;
            }

            left -= got;
            if (got < wanted)
            {
                break;
            }
        }
    }

    /// <summary>A table that is missing may be the history itself.</summary>
    private async Task<bool> MoveNextAsync(IAsyncEnumerator<IReadOnlyList<ReadItem<TEntry>>> chunks, StatementScope scope, CancellationToken cancellationToken)
    {
        try
        {
            return await chunks.MoveNextAsync().ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            if (await scope.RunAsync("look for the history", HistorySql.Exists(statements.Table), Results.CountAsync, n => n, cancellationToken).ConfigureAwait(false) == 0)
            {
                throw LeoErrors.HistoryMissing(statements.Table.Noun);
            }

            throw;
        }
    }
}
