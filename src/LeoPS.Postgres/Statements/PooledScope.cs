using LeoPS.Ports;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>Each statement on a pooled connection, in an implicit transaction with its settings: one round trip.</summary>
internal sealed class PooledScope(NpgsqlDataSource source, ConnectionSettings settings, CallContext context) : StatementScope(context)
{
    public override bool CommitsEach => true;

    /// <summary>Runs a statement and leaves its reader open: for streams.</summary>
    public async Task<OpenStatement> OpenAsync(Statement statement, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var open = new OpenStatement(connection);
        try
        {
            await open.StartAsync(SessionSettings.For(Context, settings), statement, cancellationToken).ConfigureAwait(false);
            return open;
        }
        catch
        {
            await open.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override async Task<T> InTransactionAsync<T>(Func<StatementScope, Task<T>> work, CancellationToken cancellationToken)
    {
        await using TransactionScope scope = await TransactionScope.BeginAsync(source, settings, Context, cancellationToken).ConfigureAwait(false);
        T result = await work(scope).ConfigureAwait(false);
        await scope.CommitAsync().ConfigureAwait(false);
        return result;
    }

    protected override async Task<T> ExecuteAsync<T>(Statement statement, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        await using OpenStatement open = await OpenAsync(statement, cancellationToken).ConfigureAwait(false);
        T result = await read(open.Reader, cancellationToken).ConfigureAwait(false);
        // The implicit transaction commits behind the last row: what has not been read to its end is not known to be done.
        // That answer is waited for even by a call that was stopped meanwhile.
        await open.Reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false);
        return result;
    }
}
