using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>A statement whose rows are being read, with the connection it holds.</summary>
internal sealed class OpenStatement(NpgsqlConnection connection) : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch = new(connection) { Timeout = 0 };
    private NpgsqlDataReader? _reader;

    public NpgsqlDataReader Reader => _reader ?? throw new InvalidOperationException("The statement has not started.");

    public async Task StartAsync(Statement settings, Statement statement, CancellationToken cancellationToken)
    {
        _batch.BatchCommands.Add(settings.ToCommand());
        _batch.BatchCommands.Add(statement.ToCommand());
        _reader = await _batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await _reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null)
        {
            await _reader.DisposeAsync().ConfigureAwait(false);
        }

        await _batch.DisposeAsync().ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
