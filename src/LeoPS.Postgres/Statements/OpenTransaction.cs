using System.Data;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using Npgsql;

namespace LeoPS.Postgres.Statements;

/// <summary>A transaction on a connection of its own. Ends by commit, or is rolled back.</summary>
internal sealed class OpenTransaction : IAsyncDisposable
{
    private readonly ConnectionSource _source;
    private readonly ConnectionSettings _settings;
    private readonly Action<string>? _log;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private NpgsqlTransaction _transaction = null!;
    private CallContext? _settingsOf;
    private bool _sent;
    private LeoException? _loss;

    private OpenTransaction(ConnectionSource source, ConnectionSettings settings, Action<string>? log) =>
        (_source, _settings, _log) = (source, settings, log);

    public NpgsqlConnection Connection { get; private set; } = null!;

    /// <summary>Opens a connection and begins.</summary>
    /// <param name="source">Where the connection comes from.</param>
    /// <param name="settings">What holds for the whole transaction.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="log">Takes verbose lines; null for none.</param>
    public static async Task<OpenTransaction> BeginAsync(
        ConnectionSource source, ConnectionSettings settings, CancellationToken cancellationToken, Action<string>? log = null)
    {
        var begun = new OpenTransaction(source, settings, log);
        await begun.BeginAsync(cancellationToken).ConfigureAwait(false);
        return begun;
    }

    /// <summary>Waits until nothing else runs on the connection; the caller gives the turn back by disposing it.</summary>
    /// <exception cref="LeoException">TransactionLost where the session has ended, and with it the transaction.</exception>
    public async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_loss is { } loss)
            {
                throw loss;
            }

            if (!_sent && !await _source.IsUsableAsync(Connection, cancellationToken).ConfigureAwait(false))
            {
                // BEGIN goes with the first statement, so nothing is lost with a connection that died before that.
                _log?.Invoke("the connection was closed before the transaction's first statement: beginning over a new one");
                await BeginAsync(cancellationToken).ConfigureAwait(false);
            }

            _sent = true;
        }
        catch
        {
            _turn.Release();
            throw;
        }

        return new Turn(_turn);
    }

    /// <summary>Takes note of a failure. Where the session went with it, the server has rolled everything back: that is what is to be reported.</summary>
    /// <returns>TransactionLost; null where the transaction goes on.</returns>
    public LeoException? Note(Exception failure) =>
        Connection.State == ConnectionState.Open ? null : _loss ??= PostgresErrors.TransactionLost(failure);

    /// <summary>The settings of a call, to be sent with its next statement; null where they are in force already.</summary>
    public Statement? SettingsFor(CallContext context)
    {
        if (_settingsOf == context)
        {
            return null;
        }

        _settingsOf = context;
        // A reason is set even where there is none: the call before it in the same transaction may have had one.
        return SessionSettings.ForCall(context with { Reason = context.Reason ?? "" }, _settings);
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
    /// <exception cref="LeoException">TransactionLost where the session ended before that.</exception>
    public async Task CommitAsync()
    {
        if (_loss is { } loss)
        {
            throw loss;
        }

        if (!_sent)
        {
            return;
        }

        if (IdleConnectionCheck.HasInput(Connection))
        {
            // Most likely the end of the session, which would otherwise be read as the answer to COMMIT.
            await ProbeAsync().ConfigureAwait(false);
        }

        await _transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Where statements run on the same connection once the transaction has ended.</summary>
    public StatementScope Afterwards(CallContext context) => new HeldScope(Connection, _settings, context);

    /// <summary>Takes everything back; there is nothing to take back where the session has ended.</summary>
    public Task RollbackAsync() => _sent && _loss is null ? _transaction.RollbackAsync(CancellationToken.None) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync().ConfigureAwait(false);
        await Connection.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        Connection = await _source.OpenAsync(cancellationToken, _log).ConfigureAwait(false);
        try
        {
            _transaction = await Connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            if (SessionSettings.ForTransaction(_settings) is { } lasting)
            {
                // Ahead of every savepoint: behind one, role and read-only would end where it is released or rolled back to.
                await using var batch = new NpgsqlBatch(Connection);
                lasting.AppendTo(batch);
                await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                _sent = true;
            }
        }
        catch
        {
            await Connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task ProbeAsync()
    {
        try
        {
            await SayAsync("select 1", CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (Note(e) is not null)
        {
            // Thrown below, as what was noted.
        }

        if (_loss is { } loss)
        {
            throw loss;
        }
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        private SemaphoreSlim? _turn = turn;

        public void Dispose() => Interlocked.Exchange(ref _turn, null)?.Release();
    }
}
