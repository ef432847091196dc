using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Npgsql;
using Npgsql.Internal;

#pragma warning disable NPG9001 // The driver's connector may change with its version, which is pinned, and of which a test checks what is used here.

namespace LeoPS.Postgres.Connections;

/// <summary>
/// Tells before a command is sent whether an idle connection is still there: a command that was not sent can go over another connection without
/// the question whether it was done. An idle PostgreSQL connection has nothing to read; where there is something, it is most likely the server's
/// last message or the end of the stream. Only a connection that was idle for long, behind which a network can have vanished without a sign, costs
/// a round trip.
/// </summary>
internal sealed class IdleConnectionCheck
{
    /// <summary>Idle times from which a round trip is spent. By the wall clock, which goes on while a laptop sleeps.</summary>
    private static readonly TimeSpan _longIdle = TimeSpan.FromSeconds(15);

    /// <summary>How long the server may take for an empty answer before the connection is given up.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly ConditionalWeakTable<NpgsqlConnector, StrongBox<long>> _takenAt = [];

    /// <summary>True where an idle connection has something to read, which a live one has not.</summary>
    public static bool HasInput(NpgsqlConnection connection) => ConnectorOf(connection) is not { } connector || HasInput(connector);

    /// <summary>Checks a connection that was taken from the pool; one that was just opened is usable.</summary>
    /// <param name="connection">The connection, on which nothing runs.</param>
    /// <param name="cancellationToken">Ends the round trip, where there is one.</param>
    public ValueTask<IdleConnectionState> CheckAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        NpgsqlConnector connector = ConnectorOf(connection)!;
        long now = DateTimeOffset.UtcNow.Ticks;
        if (!_takenAt.TryGetValue(connector, out StrongBox<long>? takenAt))
        {
            _takenAt.Add(connector, new StrongBox<long>(now));
            return ValueTask.FromResult(IdleConnectionState.Usable);
        }

        bool wasLong = Math.Abs(now - takenAt.Value) > _longIdle.Ticks;
        takenAt.Value = now;
        return wasLong || HasInput(connector) ? AskAsync(connection, connector, cancellationToken) : ValueTask.FromResult(IdleConnectionState.Usable);
    }

    private static async ValueTask<IdleConnectionState> AskAsync(NpgsqlConnection connection, NpgsqlConnector connector, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_patience);

        // The socket is closed, because the driver would first connect once more to have the statement cancelled.
        using CancellationTokenRegistration closing = patience.Token.Register(SocketOf(connector).Dispose);
        try
        {
            await using var command = new NpgsqlCommand("select 1", connection);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or SocketException or ObjectDisposedException)
        {
            return patience.IsCancellationRequested ? IdleConnectionState.Silent : IdleConnectionState.Closed;
        }

        return patience.IsCancellationRequested ? IdleConnectionState.Silent : IdleConnectionState.Usable;
    }

    private static bool HasInput(NpgsqlConnector connector)
    {
        try
        {
            return SocketOf(connector).Poll(0, SelectMode.SelectRead);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    // The driver offers no way to ask.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Connector")]
    private static extern NpgsqlConnector? ConnectorOf(NpgsqlConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_socket")]
    private static extern ref Socket SocketOf(NpgsqlConnector connector);
}
