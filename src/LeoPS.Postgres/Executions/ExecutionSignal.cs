using System.Data;
using System.Net.Sockets;
using LeoPS.Ports;
using LeoPS.Postgres.History;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Executions;

/// <summary>
/// Tells of changes of executions by the notifications of their history, on a connection of its own. Where there is no history, or nothing can
/// be listened to (a transaction pooler, a standby), only time passes.
/// </summary>
internal sealed class ExecutionSignal : IChangeSignal
{
    private static readonly TimeSpan _afterBreak = TimeSpan.FromMilliseconds(100);

    private readonly NpgsqlDataSource _source;
    private readonly CallContext _context;
    private bool _canListen;
    private NpgsqlConnection? _connection;

    private ExecutionSignal(NpgsqlDataSource source, CallContext context, bool canListen)
    {
        _source = source;
        _context = context;
        _canListen = canListen;
    }

    public bool IsTold => _connection is { State: ConnectionState.Open };

    /// <summary>Listens, where that is possible: what is looked at afterwards is missed by nobody.</summary>
    public static async Task<IChangeSignal> OpenAsync(NpgsqlDataSource source, ConnectionSettings settings, CallContext context, CancellationToken cancellationToken)
    {
        bool canListen = settings.PoolerMode != PoolerMode.Transaction && await new PooledScope(source, settings, context)
            .RunAsync("look for the history", HistorySql.Exists(HistoryTable.Executions), Results.CountAsync, n => n, cancellationToken).ConfigureAwait(false) > 0;
        var signal = new ExecutionSignal(source, context, canListen);
        try
        {
            await signal.ListenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await signal.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        context.Log?.Invoke(signal.IsTold ? "waiting for the notifications of the history" : "nothing tells of changes here: looking again and again");
        return signal;
    }

    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            if (_canListen && !IsTold)
            {
                await ListenAsync(cancellationToken).ConfigureAwait(false);
            }

            if (_connection is { } connection && atMost >= TimeSpan.FromMilliseconds(1))
            {
                // To the driver no time at all is for ever.
                await connection.WaitAsync(atMost, cancellationToken).ConfigureAwait(false);
                return;
            }
        }
        catch (Exception e) when (e is NpgsqlException or IOException or SocketException or TimeoutException && !cancellationToken.IsCancellationRequested)
        {
            _context.Log?.Invoke("the connection that listened broke: looking again and again until there is another");
            await CloseAsync().ConfigureAwait(false);
            atMost = atMost < _afterBreak ? atMost : _afterBreak;
        }

        if (atMost > TimeSpan.Zero)
        {
            await Task.Delay(atMost, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        if (!_canListen)
        {
            return;
        }

        NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await using var listen = new NpgsqlCommand($"listen {HistoryTable.Executions.Channel}", connection);
            await listen.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            _connection = connection;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.ObjectNotInPrerequisiteState)
        {
            _canListen = false;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
