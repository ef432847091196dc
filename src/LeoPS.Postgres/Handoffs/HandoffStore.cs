using System.Runtime.CompilerServices;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>exec_handoff_preparations over Npgsql.</summary>
internal sealed class HandoffStore(NpgsqlDataSource source, ConnectionSettings settings, string role) : IHandoffStore
{
    /// <summary>A chunk is handed over when it has this many rows or characters; the first ones sooner, so that output starts at once.</summary>
    private const int ChunkRows = 500;
    private const int ChunkCharacters = 1_000_000;

    /// <summary>The shape of the table, looked at once per call: what a DBA changes between two calls is seen by the second.</summary>
    private readonly ConditionalWeakTable<CallContext, Lazy<Task<HandoffSql>>> _sql = [];

    public async IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> ReadAsync(
        HandoffQuery query, CallContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<IReadOnlyList<ReadItem<HandoffPreparation>>> chunks = ReadPagesAsync(query, context, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await GuardAsync(async () => await chunks.MoveNextAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false))
        {
            yield return chunks.Current;
        }
    }

    public Task<long> CountAsync(HandoffFilter filter, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        () =>
        {
            var statement = new Statement();
            statement.Text = HandoffSql.Count(HandoffFilterSql.Where(filter, statement));
            return Scope(context).RunAsync("count handoffs", statement, ReadCountAsync, n => n, cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<string>> FindUnknownSdsAsync(IReadOnlyList<string> sdIds, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        () =>
        {
            var statement = new Statement(HandoffSql.UnknownSds);
            statement.Add(sdIds.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
            return Scope(context).RunAsync("look for unknown SDs", statement, ReadTextsAsync, t => t.Count, cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> ChangeAsync(
        StatusMove<HandoffStatus> move, IReadOnlyList<StatusChange<HandoffPreparation>> batch, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            BatchChanger<HandoffPreparation, HandoffStatus> changer = await ChangerAsync(move, context, LockMode.AsMet, cancellationToken).ConfigureAwait(false);
            return (IReadOnlyList<ChangeOutcome<HandoffPreparation>>)await changer.ApplyAsync(Scope(context), batch, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<AtomicResult<HandoffPreparation>> ChangeAtomicallyAsync(
        StatusMove<HandoffStatus> move, IReadOnlyList<StatusChange<HandoffPreparation>> changes, int batchSize, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            BatchChanger<HandoffPreparation, HandoffStatus> changer = await ChangerAsync(move, context, LockMode.InOrder, cancellationToken).ConfigureAwait(false);
            var run = new AtomicRun(source, settings, context);
            return await run.ApplyAsync(changer.ApplyAsync, changes, batchSize, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<SelectionResult<HandoffPreparation>> ChangeSelectionAsync(
        StatusMove<HandoffStatus> move, HandoffFilter filter, bool atomic, bool returnRows, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            HandoffSql sql = await SqlAsync(context, cancellationToken).ConfigureAwait(false);
            var run = new SelectionChange(sql, Scope(context), role);
            return await run.ApplyAsync(move, filter, atomic, returnRows, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    private PooledScope Scope(CallContext context) => new(source, settings, context);

    private async Task<BatchChanger<HandoffPreparation, HandoffStatus>> ChangerAsync(
        StatusMove<HandoffStatus> move, CallContext context, LockMode mode, CancellationToken cancellationToken)
    {
        HandoffSql sql = await SqlAsync(context, cancellationToken).ConfigureAwait(false);
        return new BatchChanger<HandoffPreparation, HandoffStatus>(new HandoffChangeStatements(sql, move), move, role, mode);
    }

    private Task<HandoffSql> SqlAsync(CallContext context, CancellationToken cancellationToken) =>
        // Lazy: batches in flight may ask at once, and one look is enough.
        _sql.GetValue(context, c => new Lazy<Task<HandoffSql>>(() => LoadSqlAsync(c, cancellationToken))).Value;

    private async Task<HandoffSql> LoadSqlAsync(CallContext context, CancellationToken cancellationToken) =>
        new(await RelationShape.LoadAsync(Scope(context), HandoffColumns.Table, cancellationToken).ConfigureAwait(false));

    private async IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> ReadPagesAsync(
        HandoffQuery query, CallContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HandoffSql sql = await SqlAsync(context, cancellationToken).ConfigureAwait(false);
        ResumePoint? place = await ResolveAsync(query, query.ResumeAfter, context, cancellationToken).ConfigureAwait(false);
        int? pageSize = query.PageSize ?? (settings.PoolerMode == PoolerMode.Transaction ? 1000 : null);
        long left = query.First ?? long.MaxValue;
        long skip = query.Skip;
        while (left > 0)
        {
            long wanted = Math.Min(left, pageSize ?? long.MaxValue);
            long got = 0;
            ReadItem<HandoffPreparation> last = default;
            IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> page = ReadPageAsync(sql, query, place, wanted, skip, context, cancellationToken);
            await foreach (IReadOnlyList<ReadItem<HandoffPreparation>> chunk in (pageSize is null ? page : WholeAsync(page)).ConfigureAwait(false))
            {
                got += chunk.Count;
                last = chunk[^1];
                yield return chunk;
            }

            left -= got;
            skip = 0;
            if (got < wanted || left == 0)
            {
                break;
            }

            // A value that the object cannot hold may be the one to go on after: then the server tells it.
            place = last.Error is null ? ResumePoint.After(last.Row, query.OrderBy) : await ResolveAsync(query, ResumePoint.After(last.Row.Id), context, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads a page to its end before any of it is handed over: no statement stays open while it is worked on.</summary>
    private static async IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> WholeAsync(IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> page)
    {
        var chunks = new List<IReadOnlyList<ReadItem<HandoffPreparation>>>();
        await foreach (IReadOnlyList<ReadItem<HandoffPreparation>> chunk in page.ConfigureAwait(false))
        {
            chunks.Add(chunk);
        }

        foreach (IReadOnlyList<ReadItem<HandoffPreparation>> chunk in chunks)
        {
            yield return chunk;
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> ReadPageAsync(
        HandoffSql sql, HandoffQuery query, ResumePoint? place, long wanted, long skip, CallContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var statement = new Statement();
        string? keyset = place is null ? null : HandoffFilterSql.After(query, place.Id, place.Key, statement);
        string where = HandoffFilterSql.Where(query.Filter, statement, keyset);
        string limit = wanted == long.MaxValue ? "" : $"limit {statement.Add(wanted, NpgsqlDbType.Bigint)} ";
        string offset = skip == 0 ? "" : $"offset {statement.Add(skip, NpgsqlDbType.Bigint)}";
        statement.Text = sql.Select(where, HandoffFilterSql.OrderBy(query), limit + offset);
        await using OpenStatement open = await Scope(context).OpenAsync(statement, cancellationToken).ConfigureAwait(false);
        var rows = new HandoffRowReader(open.Reader);
        int size = 1;
        long total = 0;
        long characters = 0;
        var chunk = new List<ReadItem<HandoffPreparation>>(size);
        while (await open.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            chunk.Add(rows.Read());
            total++;
            characters += rows.LastSize;
            if (chunk.Count >= size || characters >= ChunkCharacters)
            {
                yield return chunk;
                size = Math.Min(ChunkRows, size * 4);
                characters = 0;
                chunk = new List<ReadItem<HandoffPreparation>>(size);
            }
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }

        context.Log?.Invoke($"read handoffs: {total} rows");
    }

    /// <summary>The order column's value of the row to go on after, where the order needs one and only the id is known.</summary>
    private async Task<ResumePoint?> ResolveAsync(HandoffQuery query, ResumePoint? place, CallContext context, CancellationToken cancellationToken)
    {
        if (place is not { KeyKnown: false } || query.OrderBy == HandoffOrder.Id)
        {
            return place;
        }

        var statement = new Statement();
        statement.Text = HandoffSql.OrderKey(HandoffFilterSql.Column(query.OrderBy), statement.Add(place.Id, NpgsqlDbType.Uuid));
        ResumePoint? found = await Scope(context).RunAsync(
            "look where to go on",
            statement,
            async (reader, token) => await reader.ReadAsync(token).ConfigureAwait(false) ? new ResumePoint(place.Id, true, reader.IsDBNull(0) ? null : reader.GetString(0)) : null,
            p => p is null ? 0 : 1,
            cancellationToken).ConfigureAwait(false);
        return found ?? throw LeoErrors.NotFound("handoff", place.Id.ToString(), role);
    }

    private static async Task<long> ReadCountAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return reader.GetInt64(0);
    }

    private static async Task<IReadOnlyList<string>> ReadTextsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }

    private Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(work, role, cancellationToken);
}
