using System.Runtime.CompilerServices;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;

namespace LeoPS.Postgres.Tables;

/// <summary>Reads a query of any table in chunks: as one open statement, or in keyset pages that each are a statement of their own.</summary>
/// <param name="load">Gives the table's statements, when the reading begins.</param>
/// <param name="scope">Where they run.</param>
/// <param name="role">The role in force, for messages.</param>
internal sealed class PagedReading<TRow, TFilter, TOrder>(
    Func<CancellationToken, Task<ReadStatements<TRow, TFilter, TOrder>>> load, StatementScope scope, string role)
    where TRow : class, IOrderedRow<TOrder>
    where TFilter : new()
    where TOrder : struct, Enum
{
    /// <param name="query">What to read.</param>
    /// <param name="pageSize">Rows per page; null for one open statement.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> ReadAsync(
        RowQuery<TFilter, TOrder> query, int? pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ReadStatements<TRow, TFilter, TOrder> statements = await load(cancellationToken).ConfigureAwait(false);
        ResumePoint? place = await ResolveAsync(statements, query.OrderBy, query.ResumeAfter, cancellationToken).ConfigureAwait(false);
        long left = query.First ?? long.MaxValue;
        long skip = query.Skip;
        while (left > 0)
        {
            long wanted = Math.Min(left, pageSize ?? long.MaxValue);
            long got = 0;
            ReadItem<TRow> last = default;
            IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> page =
                RowChunks.ReadAsync(scope, statements.Select(query, place, wanted, skip), statements.Reader, $"{statements.Noun}s", cancellationToken);
            await foreach (IReadOnlyList<ReadItem<TRow>> chunk in (pageSize is null ? page : RowChunks.WholeAsync(page)).ConfigureAwait(false))
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

    /// <summary>The order column's value of the row to go on after, where the order needs one and only the id is known.</summary>
    private async Task<ResumePoint?> ResolveAsync(
        ReadStatements<TRow, TFilter, TOrder> statements, TOrder order, ResumePoint? place, CancellationToken cancellationToken)
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
