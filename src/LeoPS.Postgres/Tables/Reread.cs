using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Tables;

/// <summary>
/// Reads rows again that were just written and came back without xmin, which a partitioned table does not return from INSERT. An object
/// without a version would have no guard.
/// </summary>
internal static class Reread
{
    /// <summary>The rows as they are now; at once where they have their versions. One that has gone meanwhile stays as it was written.</summary>
    public static Task<IReadOnlyList<ReadItem<TRow>>> RunAsync<TRow>(
        StatementScope scope, TableSql sql, Func<NpgsqlDataReader, RowReader<TRow>> rows, IReadOnlyList<ReadItem<TRow>> made, Func<TRow, Guid> id)
        where TRow : class => RunAsync(scope, sql, rows, made, item => id(item.Row), (item, row) => item with { Row = row });

    /// <summary>The rows as they are now, with their places.</summary>
    public static Task<IReadOnlyList<Written<TRow>>> RunAsync<TRow>(
        StatementScope scope, TableSql sql, Func<NpgsqlDataReader, RowReader<TRow>> rows, IReadOnlyList<Written<TRow>> written, Func<TRow, Guid> id)
        where TRow : class => RunAsync(scope, sql, rows, written, item => id(item.Row), (item, row) => item with { Row = row });

    private static async Task<IReadOnlyList<TItem>> RunAsync<TItem, TRow>(
        StatementScope scope,
        TableSql sql,
        Func<NpgsqlDataReader, RowReader<TRow>> rows,
        IReadOnlyList<TItem> items,
        Func<TItem, Guid> id,
        Func<TItem, TRow, TItem> with)
        where TRow : class
    {
        if (sql.ReturnsRowVersion || items.Count == 0)
        {
            return items;
        }

        // Not to be cancelled: they are written, and a stop must not lose which.
        IReadOnlyDictionary<Guid, Seen<TRow>> now =
            await SecondLook.RunAsync(scope, sql, rows, [.. items.Select(id)], CancellationToken.None).ConfigureAwait(false);
        return [.. items.Select(i => now.TryGetValue(id(i), out Seen<TRow> seen) ? with(i, seen.Row) : i)];
    }
}
