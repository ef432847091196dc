using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>A statement whose rows are being read, with the connection it holds.</summary>
/// <param name="connection">The connection; nothing else may run on it meanwhile.</param>
/// <param name="keepsSession">True where the next statement of this connection meets the same session of the server, which may then keep a plan.</param>
/// <param name="letGo">Called at the end, with how far the statement came: gives the connection back.</param>
internal sealed class OpenStatement(NpgsqlConnection connection, bool keepsSession, Func<StatementEnd, ValueTask> letGo) : IAsyncDisposable
{
    private NpgsqlBatch? _batch;
    private NpgsqlDataReader? _reader;
    private bool _inTheMiddle;
    private StatementEnd _end = StatementEnd.NotSent;

    /// <summary>
    /// True from the first answer on. Where the session ends in place of the first answer, to the settings, the server had not begun the statement
    /// behind them; nothing of an implicit transaction is committed before its last answer.
    /// </summary>
    public bool IsAnswered { get; private set; }

    public NpgsqlDataReader Reader => _reader ?? throw new InvalidOperationException("The statement has not started.");

    /// <summary>Sends the statement between others, in one round trip, and stands before its first row.</summary>
    /// <param name="before">What goes before everything and gives no rows.</param>
    /// <param name="settings">The settings of the call; null where they are in force already.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="after">What goes behind it and gives no rows.</param>
    /// <param name="cancellationToken">Cancels it on the server.</param>
    public async Task StartAsync(string? before, Statement? settings, Statement statement, string? after, CancellationToken cancellationToken)
    {
        _batch = Compose(before, settings, statement, after);

        // Whoever is stopped now has sent nothing; and no more has one whose values the driver refuses.
        cancellationToken.ThrowIfCancellationRequested();
        if (statement.IsRepeated && keepsSession)
        {
            await Preparation.Of(connection).PrepareAsync(_batch, statement.Text, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await ExecuteAsync(settings?.Results ?? 0, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException stale) when (Preparation.IsStale(stale))
        {
            await CloseAsync().ConfigureAwait(false);
            connection.UnprepareAll();
            _batch = Compose(before, settings, statement, after);
            await ExecuteAsync(settings?.Results ?? 0, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the next row; false behind the last one.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        _inTheMiddle = false;
        _inTheMiddle = await Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        _end = _inTheMiddle ? StatementEnd.BrokenOff : StatementEnd.Finished;
        return _inTheMiddle;
    }

    /// <summary>
    /// Waits for what comes behind the last row: an implicit transaction commits there, and what has not been read to its end is not
    /// known to be done. That answer is waited for even by a call that was stopped meanwhile.
    /// </summary>
    public async Task FinishAsync()
    {
        await Reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false);
        _end = StatementEnd.Finished;
    }

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null && _inTheMiddle)
        {
            // Given up in the middle: without this the driver reads all that is left before it lets go.
            _batch!.Cancel();
        }

        await CloseAsync().ConfigureAwait(false);
        await letGo(_end).ConfigureAwait(false);
    }

    private NpgsqlBatch Compose(string? before, Statement? settings, Statement statement, string? after)
    {
        var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        if (before is not null)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(before));
        }

        if (settings is not null)
        {
            settings.AppendTo(batch);
        }

        statement.AppendTo(batch);
        if (after is not null)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(after));
        }

        return batch;
    }

    private async Task ExecuteAsync(int resultsFirst, CancellationToken cancellationToken)
    {
        try
        {
            _reader = await _batch!.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            _end = StatementEnd.BrokenOff;
            throw;
        }

        _end = StatementEnd.BrokenOff;
        IsAnswered = true;
        for (int i = 0; i < resultsFirst; i++)
        {
            await _reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_reader is not null)
        {
            await _reader.DisposeAsync().ConfigureAwait(false);
            _reader = null;
        }

        if (_batch is not null)
        {
            await _batch.DisposeAsync().ConfigureAwait(false);
            _batch = null;
        }
    }
}
