using LeoPS.Ports;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>All statements in one transaction, each behind a savepoint: one that fails leaves the transaction usable.</summary>
internal sealed class TransactionScope(NpgsqlConnection connection, CallContext context) : StatementScope(context)
{
    public override bool CommitsEach => false;

    protected override async Task<T> ExecuteAsync<T>(Statement statement, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
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
            await using var back = new NpgsqlCommand("rollback to savepoint leops", connection);
            await back.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }
    }
}
