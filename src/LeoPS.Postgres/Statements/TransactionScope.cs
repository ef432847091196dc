using LeoPS.Ports;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>All statements in one transaction, each behind a savepoint: one that fails leaves the transaction usable. Ends by commit, or is rolled back.</summary>
internal sealed class TransactionScope : StatementScope, IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private TransactionScope(NpgsqlConnection connection, NpgsqlTransaction transaction, CallContext context)
        : base(context)
    {
        _connection = connection;
        _transaction = transaction;
    }

    public override bool CommitsEach => false;

    /// <summary>Opens a connection and begins, with the settings of the call.</summary>
    public static async Task<TransactionScope> BeginAsync(NpgsqlDataSource source, ConnectionSettings settings, CallContext context, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(SessionSettings.For(context, settings).ToCommand());
            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return new TransactionScope(connection, transaction, context);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Once COMMIT is sent its answer is waited for: a cancellation now would leave the outcome unknown.</summary>
    public Task CommitAsync() => _transaction.CommitAsync(CancellationToken.None);

    /// <summary>Takes everything back.</summary>
    public Task RollbackAsync() => _transaction.RollbackAsync(CancellationToken.None);

    /// <summary>A part of this one: behind a savepoint of its own, so that its failure takes back the part alone.</summary>
    public override async Task<T> InTransactionAsync<T>(Func<StatementScope, Task<T>> work, CancellationToken cancellationToken)
    {
        await SayAsync("savepoint leops_part", cancellationToken).ConfigureAwait(false);
        try
        {
            T result = await work(this).ConfigureAwait(false);
            await SayAsync("release savepoint leops_part", cancellationToken).ConfigureAwait(false);
            return result;
        }
        catch (PostgresException) when (!cancellationToken.IsCancellationRequested)
        {
            await SayAsync("rollback to savepoint leops_part", cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    protected override async Task<T> ExecuteAsync<T>(Statement statement, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var batch = new NpgsqlBatch(_connection) { Timeout = 0 };
            batch.BatchCommands.Add(new NpgsqlBatchCommand("savepoint leops"));
            batch.BatchCommands.Add(statement.ToCommand());
            batch.BatchCommands.Add(new NpgsqlBatchCommand("release savepoint leops"));
            await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            T result = await read(reader, cancellationToken).ConfigureAwait(false);
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            return result;
        }
        catch (PostgresException) when (!cancellationToken.IsCancellationRequested)
        {
            await SayAsync("rollback to savepoint leops", cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private async Task SayAsync(string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, _connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
