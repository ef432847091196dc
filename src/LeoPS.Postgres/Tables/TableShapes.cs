using System.Diagnostics;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Tables;

/// <summary>The statements over a table, made for its live shape, which is looked at once per call: what a DBA changes between two calls is seen by the second.</summary>
internal sealed class TableShapes<TSql>(string table, Func<RelationShape, TSql> make)
    where TSql : class
{
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(1);
    private readonly CallCache<TSql> _ofCall = new();
    private readonly CallCache<LiveColumns> _columnsOfCall = new();
    private volatile Made? _last;

    /// <exception cref="LeoException">SchemaMissing.</exception>
    public Task<TSql> ForAsync(StatementScope scope, CancellationToken cancellationToken) =>
        _ofCall.GetAsync(scope.Context, () => LoadAsync(scope, cancellationToken));

    /// <summary>
    /// The columns of the live table with their types: for statements that write columns which LeoPS does not know. Read once per call.
    /// </summary>
    public Task<LiveColumns> ColumnsAsync(StatementScope scope, CancellationToken cancellationToken) =>
        _columnsOfCall.GetAsync(scope.Context, () => LiveColumns.LoadAsync(scope, table, cancellationToken));

    /// <summary>
    /// Does work with statements that may have been made for another call, up to a second ago: for what is called hundreds of times a second,
    /// and by whom a new column may be seen a second late. Where one is missing, the work is done again, with new ones.
    /// </summary>
    /// <param name="scope">Where the look runs.</param>
    /// <param name="work">The work; a failure for want of a column or a table leaves nothing of it done.</param>
    /// <param name="cancellationToken">Stops the look.</param>
    /// <exception cref="LeoException">SchemaMissing.</exception>
    public async Task<T> WithRecentAsync<T>(StatementScope scope, Func<TSql, Task<T>> work, CancellationToken cancellationToken)
    {
        if (_last is { } last && Stopwatch.GetElapsedTime(last.At) < _fresh)
        {
            try
            {
                return await work(last.Sql).ConfigureAwait(false);
            }
            catch (PostgresException e) when (PostgresErrors.IdOf(e.SqlState) == LeoErrorId.SchemaMissing)
            {
                _last = null;
            }
        }

        return await work(await ForAsync(scope, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task<TSql> LoadAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        TSql sql = make(await RelationShape.LoadAsync(scope, table, cancellationToken).ConfigureAwait(false));
        _last = new Made(Stopwatch.GetTimestamp(), sql);
        return sql;
    }

    private sealed record Made(long At, TSql Sql);
}
