using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>Stands between the driver and the server, passes everything on, and counts the round trips that the frontend protocol asks for.</summary>
[SuppressMessage("Design", "CA1001", Justification = "DisposeAsync disposes.")]
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<TcpProxyConnection> _connections = [];
    private readonly string _host;
    private readonly int _port;
    private readonly Task _accepting;

    /// <summary>Begins to listen.</summary>
    public TcpProxy(ConnectionSettings server)
    {
        (_host, _port) = (server.Host, server.Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections made so far.</summary>
    public int Connections => _connections.Count;

    /// <summary>Statements or batches that the server was asked to answer, since the beginning; neither logging in nor the reset that travels in front of another.</summary>
    public int RoundTrips => _connections.Sum(c => c.RoundTrips);

    /// <summary>Pooled connections that were reset on being used again.</summary>
    public int Resets => _connections.Sum(c => c.Resets);

    /// <summary>Bytes that went to the server.</summary>
    public long BytesSent => _connections.Sum(c => c.BytesSent);

    /// <summary>The first byte of each connection: 22 where TLS was not asked for before it began.</summary>
    public IEnumerable<byte> FirstBytes => _connections.Select(c => c.FirstByte).OfType<byte>();

    /// <summary>Breaks every connection, as a network does.</summary>
    public void Break()
    {
        foreach (TcpProxyConnection connection in _connections)
        {
            connection.Break();
        }
    }

    /// <summary>Lets nothing more through on the connections that there are, and tells neither end, as a network does that has vanished.</summary>
    public void Freeze()
    {
        foreach (TcpProxyConnection connection in _connections)
        {
            connection.Freeze();
        }
    }

    /// <summary>Ends <see cref="Freeze"/>; what was sent meanwhile gets through.</summary>
    public void Thaw()
    {
        foreach (TcpProxyConnection connection in _connections)
        {
            connection.Thaw();
        }
    }

    /// <summary>Closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        _listener.Stop();
        Break();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_stop.Token);
                _connections.Add(await TcpProxyConnection.StartAsync(client, _host, _port));
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
