using System.Data;
using System.Net.Sockets;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Watching;

/// <summary>
/// The line to the server of one watcher: a connection that listens on a channel, made again whenever it breaks. Where nothing can be
/// listened to (a transaction pooler, a standby), a second's pause stands in for the notification.
/// </summary>
/// <param name="source">Where connections come from.</param>
/// <param name="settings">How sessions are shared.</param>
/// <param name="context">The call; its log is told what becomes of the line, and not of the statements.</param>
/// <param name="channel">What to listen to; null for nothing.</param>
internal sealed class WatchLine(ConnectionSource source, ConnectionSettings settings, CallContext context, string? channel) : IAsyncDisposable
{
    private static readonly TimeSpan _poll = TimeSpan.FromSeconds(1);

    /// <summary>Even where no notification comes, the line is tried this often.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(5);
    private readonly CallContext _quiet = context with { Log = null };
    private NpgsqlConnection? _connection;
    private bool _listening;
    private bool _notified;
    private bool _wasOpen;
    private int _failures;

    /// <summary>True where the server says when something happens.</summary>
    public bool IsListening => _listening;

    /// <summary>True where there was a connection, and is none.</summary>
    public bool IsBroken => _wasOpen && Holds && _connection is not { State: ConnectionState.Open };

    private bool Holds => channel is not null && settings.PoolerMode == PoolerMode.Session;

    /// <summary>Where statements run now; the line is made again first where it is broken.</summary>
    /// <exception cref="LeoException">The first connection fails, or a later one for another reason than that nobody answers.</exception>
    public async Task<StatementScope> OpenAsync(CancellationToken cancellationToken)
    {
        if (!Holds)
        {
            return new PooledScope(source, settings, _quiet);
        }

        while (_connection is not { State: ConnectionState.Open })
        {
            await CloseAsync().ConfigureAwait(false);
            try
            {
                await ConnectAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (_wasOpen && IsLost(e) && !cancellationToken.IsCancellationRequested)
            {
                await BreakAsync(e, cancellationToken).ConfigureAwait(false);
            }
        }

        return new HeldScope(_connection, settings, _quiet);
    }

    /// <summary>From here on, a notification means that something may have happened since.</summary>
    public void Forget() => _notified = false;

    /// <summary>Waits until something may have happened.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => WaitAsync(_listening ? _patience : _poll, cancellationToken);

    /// <summary>The same, for that long at the most.</summary>
    public Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken) => _notified ? Task.CompletedTask : PauseAsync(longest, cancellationToken);

    /// <summary>
    /// Waits that long, or until a notification comes. Notifications are taken off the line meanwhile: one that nobody reads would keep
    /// all of them in the server.
    /// </summary>
    public async Task PauseAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        if (!_listening || _connection is not { State: ConnectionState.Open } connection)
        {
            await Task.Delay(time, cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            // To the driver less than a millisecond means for ever.
            await connection.WaitAsync((int)Math.Clamp(time.TotalMilliseconds, 1, int.MaxValue), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsLost(e) && !cancellationToken.IsCancellationRequested)
        {
            await BreakAsync(e, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that the line broke, and gives the server a moment, a longer one each time.</summary>
    public async Task BreakAsync(Exception failure, CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        if (_failures++ == 0)
        {
            context.Log?.Invoke($"the connection broke ({(failure as PostgresException)?.MessageText ?? failure.GetBaseException().Message}): connecting again");
        }

        TimeSpan pause = TimeSpan.FromMilliseconds(50 * Math.Pow(2, Math.Min(_failures, 10)));
        await Task.Delay(pause < _longestPause ? pause : _longestPause, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A statement worked: the line is whole.</summary>
    public void Worked()
    {
        _wasOpen = true;
        if (_failures > 0)
        {
            _failures = 0;
            context.Log?.Invoke("connected again, and going on where it stopped");
        }
    }

    /// <summary>True for a line that broke, or a server that is away, starting or full: it may be back soon.</summary>
    public static bool IsLost(Exception failure) => failure switch
    {
        LeoException { ErrorId: LeoErrorId.ConnectionFailed or LeoErrorId.ConnectionLost } ours => ours.SqlState is null || MayPass(ours.SqlState),
        PostgresException server => MayPass(server.SqlState),
        NpgsqlException or IOException or SocketException or TimeoutException => true,
        _ => false,
    };

    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    private static bool MayPass(string state) => state switch
    {
        PostgresErrorCodes.DatabaseDropped => false,
        PostgresErrorCodes.TooManyConnections => true,
        _ => PostgresErrors.IdOf(state) == LeoErrorId.ConnectionLost,
    };

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await source.OpenAsync(cancellationToken).ConfigureAwait(false);
        _connection = connection;
        connection.Notification += (_, _) => _notified = true;
        try
        {
            await using var listen = new NpgsqlCommand($"listen {channel}", connection);
            await listen.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            _listening = true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.ObjectNotInPrerequisiteState)
        {
            context.Log?.Invoke("the server takes no LISTEN here: looking once a second");
        }
    }

    private async Task CloseAsync()
    {
        _listening = false;
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
