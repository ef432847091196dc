using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>A statement whose rows are being read, with the connection it holds.</summary>
internal sealed class OpenStatement(NpgsqlConnection connection) : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch = new(connection) { Timeout = 0 };
    private NpgsqlDataReader? _reader;
    private bool _inTheMiddle;

    public NpgsqlDataReader Reader => _reader ?? throw new InvalidOperationException("The statement has not started.");

    public async Task StartAsync(Statement settings, Statement statement, CancellationToken cancellationToken)
    {
        _batch.BatchCommands.Add(settings.ToCommand());
        _batch.BatchCommands.Add(statement.ToCommand());
        _reader = await _batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await _reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the next row; false behind the last one.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        _inTheMiddle = false;
        _inTheMiddle = await Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return _inTheMiddle;
    }

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null)
        {
            if (_inTheMiddle)
            {
                // Given up in the middle: without this the driver reads all that is left before it lets go.
                _batch.Cancel();
            }

            await _reader.DisposeAsync().ConfigureAwait(false);
        }

        await _batch.DisposeAsync().ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
