using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>A transaction on a connection of its own. Ends by commit, or is rolled back.</summary>
internal sealed class OpenTransaction : IAsyncDisposable
{
    private readonly NpgsqlTransaction _transaction;
    private readonly ConnectionSettings _settings;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private (CallContext Context, string Reason)? _settingsOf;

    private OpenTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, ConnectionSettings settings)
    {
        Connection = connection;
        _transaction = transaction;
        _settings = settings;
    }

    public NpgsqlConnection Connection { get; }

    /// <summary>Opens a connection and begins.</summary>
    public static async Task<OpenTransaction> BeginAsync(ConnectionSource source, ConnectionSettings settings, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await source.OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var begun = new OpenTransaction(connection, await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false), settings);
            if (SessionSettings.ForTransaction(settings) is { } lasting)
            {
                // Ahead of every savepoint: behind one, role and read-only would end where it is released or rolled back to.
                await using var batch = new NpgsqlBatch(connection) { BatchCommands = { lasting.ToCommand() } };
                await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            return begun;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until nothing else runs on the connection; whoever has the turn gives it back by disposing it.</summary>
    public async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(_turn);
    }

    /// <summary>The settings of a call, to be sent with its next statement; null where they are in force already.</summary>
    public Statement? SettingsFor(CallContext context, string? reason)
    {
        // Said even where there is none: the call before it in the same transaction may have had one.
        string said = reason ?? "";
        if (_settingsOf is { } known && ReferenceEquals(known.Context, context) && known.Reason == said)
        {
            return null;
        }

        _settingsOf = (context, said);
        return SessionSettings.ForCall(context, _settings, said);
    }

    /// <summary>A rollback to a savepoint takes settings back, too.</summary>
    public void ForgetSettings() => _settingsOf = null;

    /// <summary>Runs a command of the transaction's own, such as a savepoint.</summary>
    public async Task SayAsync(string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, Connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Once COMMIT is sent its answer is waited for: a cancellation now would leave the outcome unknown.</summary>
    public Task CommitAsync() => _transaction.CommitAsync(CancellationToken.None);

    /// <summary>Where statements run on the same connection once the transaction has ended.</summary>
    public StatementScope Afterwards(CallContext context) => new HeldScope(Connection, _settings, context);

    /// <summary>Takes everything back.</summary>
    public Task RollbackAsync() => _transaction.RollbackAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync().ConfigureAwait(false);
        await Connection.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        private SemaphoreSlim? _turn = turn;

        public void Dispose() => Interlocked.Exchange(ref _turn, null)?.Release();
    }
}
