using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;

namespace LeoPS.Postgres.Tables;

/// <summary>What the store of every table has: where its statements run, its statements for the live table, and the translation of what fails.</summary>
/// <param name="sql">The table's statements.</param>
/// <param name="scopes">Where statements run.</param>
/// <param name="role">The role in force, for messages.</param>
internal abstract class TableStore<TSql>(TableShapes<TSql> sql, IScopeSource scopes, string role)
    where TSql : TableSql
{
    protected TableShapes<TSql> Sql => sql;

    protected IScopeSource Scopes => scopes;

    protected string Role => role;

    /// <summary>Reads the rows of a query.</summary>
    protected IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> ReadRowsAsync<TRow, TFilter, TOrder>(
        Func<TSql, ReadStatements<TRow, TFilter, TOrder>> statements, RowQuery<TFilter, TOrder> query, CallContext context, CancellationToken cancellationToken)
        where TRow : class, IOrderedRow<TOrder>
        where TFilter : new()
        where TOrder : struct, Enum
    {
        StatementScope scope = scopes.For(context);
        var reading = new PagedReading<TRow, TFilter, TOrder>(async token => statements(await sql.ForAsync(scope, token).ConfigureAwait(false)), scope, role);
        return PostgresErrors.GuardAsync(token => reading.ReadAsync(query, scopes.PageSize(query.PageSize), token), role, cancellationToken);
    }

    /// <summary>Does work with the statements for the live table.</summary>
    protected Task<T> WithSqlAsync<T>(Func<StatementScope, TSql, Task<T>> work, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            StatementScope scope = scopes.For(context);
            return await work(scope, await sql.ForAsync(scope, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Does work, and translates what fails.</summary>
    protected Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(work, role, cancellationToken);
}
