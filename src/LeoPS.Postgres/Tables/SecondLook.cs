using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Tables;

/// <summary>Looks at rows that a statement did not write, for whoever decides why.</summary>
internal static class SecondLook
{
    /// <summary>Reads rows by id in a new snapshot; those that are not visible are missing.</summary>
    public static Task<IReadOnlyDictionary<Guid, Seen<TRow>>> RunAsync<TRow>(
        StatementScope scope, TableSql sql, Func<NpgsqlDataReader, RowReader<TRow>> rows, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
        where TRow : class
    {
        var statement = new Statement();
        statement.Text = sql.LookUp(statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid));
        return scope.RunAsync(
            $"look again at {ids.Count} {sql.Table.Noun}s", statement, (reader, token) => rows(reader).AllSeenAsync(token), seen => seen.Count, cancellationToken);
    }
}
