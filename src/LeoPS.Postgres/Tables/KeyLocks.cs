using LeoPS.Postgres.Statements;
using NpgsqlTypes;

namespace LeoPS.Postgres.Tables;

/// <summary>
/// Keeps keys unique among LeoPS's own writers where no unique index does: over a partitioned table whose partition key is another
/// column, over a view, over a foreign table. A lock per key is taken before the insert, in a statement of its own, so that the insert's
/// snapshot shows what the lock's holder before committed. Sessions that do not take it are not bound.
/// </summary>
internal static class KeyLocks
{
    /// <summary>Inserts rows while their keys are locked; at once where a unique index decides.</summary>
    /// <param name="scope">Where the statements run.</param>
    /// <param name="sql">The table's statements.</param>
    /// <param name="column">The column of the keys.</param>
    /// <param name="keys">The keys that users gave.</param>
    /// <param name="insert">Inserts, in the scope it is given.</param>
    /// <param name="cancellationToken">Takes it back.</param>
    public static Task<T> InsertAsync<T>(
        StatementScope scope, TableSql sql, string column, IEnumerable<string> keys, Func<StatementScope, Task<T>> insert, CancellationToken cancellationToken)
    {
        string[] all = [.. keys.Distinct(StringComparer.Ordinal)];
        return sql.IsUnique(column) || all.Length == 0
            ? insert(scope)
            : scope.InTransactionAsync(
                async inside =>
                {
                    await inside.RunAsync(
                        $"lock {all.Length} keys", Lock($"{sql.Table.QualifiedName}.{column}", all), Results.CountAsync, n => n, cancellationToken).ConfigureAwait(false);
                    return await insert(inside).ConfigureAwait(false);
                },
                keep: null,
                cancellationToken);
    }

    /// <summary>In the order of the locks' numbers: two calls that want the same keys never wait for each other.</summary>
    private static Statement Lock(string column, string[] keys)
    {
        var statement = new Statement();
        string space = statement.Add(column, NpgsqlDbType.Text);
        statement.Text = $"""
            select count(pg_advisory_xact_lock(hashtext({space}), k.number)::text)
            from (
                select distinct hashtext(u.key) as number
                from unnest({MoveSql.Texts(statement, keys)}) u(key)
                order by number
            ) k
            """;
        return statement;
    }
}
