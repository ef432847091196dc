using System.Runtime.CompilerServices;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;

namespace LeoPS.Postgres.Tables;

/// <summary>Reads a query of any table in chunks: as one open statement, or in keyset pages that each are a statement of their own.</summary>
/// <param name="load">Gives the table's statements, when the reading begins.</param>
/// <param name="scope">Where they run.</param>
/// <param name="role">The role in force, for messages.</param>
internal sealed class PagedReading<TRow, TFilter, TOrder>(
    Func<CancellationToken, Task<IReadStatements<TRow, TFilter, TOrder>>> load, StatementScope scope, string role)
    where TRow : class, IOrderedRow<TOrder>
    where TFilter : new()
    where TOrder : struct, Enum
{
    /// <summary>A chunk is handed over when it has this many rows or characters; the first ones sooner, so that output starts at once.</summary>
    private const int ChunkRows = 500;
    private const int ChunkCharacters = 1_000_000;

    /// <param name="query">What to read.</param>
    /// <param name="pageSize">Rows per page; null for one open statement.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> ReadAsync(
        RowQuery<TFilter, TOrder> query, int? pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadStatements<TRow, TFilter, TOrder> statements = await load(cancellationToken).ConfigureAwait(false);
        ResumePoint? place = await ResolveAsync(statements, query.OrderBy, query.ResumeAfter, cancellationToken).ConfigureAwait(false);
        long left = query.First ?? long.MaxValue;
        long skip = query.Skip;
        while (left > 0)
        {
            long wanted = Math.Min(left, pageSize ?? long.MaxValue);
            long got = 0;
            ReadItem<TRow> last = default;
            IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> page = ReadPageAsync(statements, statements.Select(query, place, wanted, skip), cancellationToken);
            await foreach (IReadOnlyList<ReadItem<TRow>> chunk in (pageSize is null ? page : WholeAsync(page)).ConfigureAwait(false))
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
            place = last.Error is null
                ? ResumePoint.After(last.Row, query.OrderBy)
                : await ResolveAsync(statements, query.OrderBy, ResumePoint.After(last.Row.GetKey()), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads a page to its end before any of it is handed over: no statement stays open while it is worked on.</summary>
    private static async IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> WholeAsync(IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> page)
    {
        var chunks = new List<IReadOnlyList<ReadItem<TRow>>>();
        await foreach (IReadOnlyList<ReadItem<TRow>> chunk in page.ConfigureAwait(false))
        {
            chunks.Add(chunk);
        }

        foreach (IReadOnlyList<ReadItem<TRow>> chunk in chunks)
        {
            yield return chunk;
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> ReadPageAsync(
        IReadStatements<TRow, TFilter, TOrder> statements, Statement statement, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using OpenStatement open = await scope.OpenAsync(statement, cancellationToken).ConfigureAwait(false);
        RowReader<TRow> rows = statements.Reader(open.Reader);
        int size = 1;
        long total = 0;
        long characters = 0;
        var chunk = new List<ReadItem<TRow>>(size);
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
                chunk = new List<ReadItem<TRow>>(size);
            }
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }

        scope.Context.Log?.Invoke($"read {statements.Noun}s: {total} rows");
    }

    /// <summary>The order column's value of the row to go on after, where the order needs one and only the id is known.</summary>
    private async Task<ResumePoint?> ResolveAsync(
        IReadStatements<TRow, TFilter, TOrder> statements, TOrder order, ResumePoint? place, CancellationToken cancellationToken)
    {
        if (place is not { KeyKnown: false } || statements.OrderKey(order, place.Id) is not { } statement)
        {
            return place;
        }

        ResumePoint? found = await scope.RunAsync(
            "look where to go on",
            statement,
            async (reader, token) => await reader.ReadAsync(token).ConfigureAwait(false) ? new ResumePoint(place.Id, true, reader.IsDBNull(0) ? null : reader.GetString(0)) : null,
            p => p is null ? 0 : 1,
            cancellationToken).ConfigureAwait(false);
        return found ?? throw LeoErrors.NotFound(statements.Noun, place.Id.ToString()!, role);
    }
}
