using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>One connection through a <see cref="TcpProxy"/>: both directions, and a reader of the frontend's messages.</summary>
internal sealed class TcpProxyConnection
{
    private const int SslRequest = 80877103;
    private const int GssRequest = 80877104;
    private const int CancelRequest = 80877102;

    /// <summary>What the driver sends before a connection is used again: in one where nothing is prepared, and in several where something is.</summary>
    private static readonly string[] ResetTexts =
    [
        "DISCARD ALL",
        "SET SESSION AUTHORIZATION DEFAULT",
        "RESET ALL",
        "CLOSE ALL",
        "UNLISTEN *",
        "SELECT pg_advisory_unlock_all()",
        "DISCARD SEQUENCES",
        "DISCARD TEMP",
    ];

    private readonly Socket _client;
    private readonly Socket _server;
    private readonly List<byte> _unread = [];
    private volatile TaskCompletionSource? _frozen;
    private bool _started;
    private int _syncs;
    private int _queries;
    private int _resets;
    private long _bytesSent;

    private TcpProxyConnection(Socket client, Socket server)
    {
        _client = client;
        _server = server;
        _client.NoDelay = _server.NoDelay = true;
    }

    /// <summary>What the client sent first; null before that.</summary>
    public byte? FirstByte { get; private set; }

    public int RoundTrips => Volatile.Read(ref _syncs) + Volatile.Read(ref _queries);

    public int Resets => Volatile.Read(ref _resets);

    public long BytesSent => Volatile.Read(ref _bytesSent);

    public static async Task<TcpProxyConnection> StartAsync(Socket client, string host, int port)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await server.ConnectAsync(host, port);
        var connection = new TcpProxyConnection(client, server);
        _ = connection.PumpAsync(client, server, connection.Count);
        _ = connection.PumpAsync(server, client, _ => { });
        return connection;
    }

    /// <summary>From now on nothing gets through, and neither end hears of it.</summary>
    public void Freeze() => _frozen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was sent meanwhile gets through.</summary>
    public void Thaw()
    {
        TaskCompletionSource? frozen = _frozen;
        _frozen = null;
        frozen?.SetResult();
    }

    public void Break()
    {
        Thaw();
        _client.Dispose();
        _server.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to, Action<ReadOnlyMemory<byte>> see)
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (await from.ReceiveAsync(buffer) is var got and > 0)
            {
                see(buffer.AsMemory(0, got));
                if (_frozen is { } frozen)
                {
                    await frozen.Task;
                }

                for (ReadOnlyMemory<byte> left = buffer.AsMemory(0, got); left.Length > 0;)
                {
                    left = left[await to.SendAsync(left)..];
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other end is gone, and so is this one below.
        }

        if (_frozen is { } end)
        {
            await end.Task;
        }

        Break();
    }

    /// <summary>Start-up messages have no type byte: length and code, then the rest. All others: type, length, the rest.</summary>
    private void Count(ReadOnlyMemory<byte> bytes)
    {
        FirstByte ??= bytes.Span[0];
        _bytesSent += bytes.Length;
        _unread.AddRange(bytes.Span);
        int at = 0;
        while (_unread.Count - at >= (_started ? 5 : 8))
        {
            int head = _started ? 1 : 0;
            int length = Integer(at + head);
            if (_unread.Count - at < head + length)
            {
                break;
            }

            if (_started)
            {
                See((char)_unread[at], at + 5, length - 4);
            }
            else
            {
                _started = Integer(at + 4) is not (SslRequest or GssRequest or CancelRequest);
            }

            at += head + length;
        }

        _unread.RemoveRange(0, at);
    }

    private void See(char type, int at, int length)
    {
        if (type == 'S')
        {
            _syncs++;
        }
        else if (type == 'Q' && Array.Exists(ResetTexts, t => Encoding.ASCII.GetString([.. _unread.Skip(at).Take(length)]).StartsWith(t, StringComparison.Ordinal)))
        {
            // The driver does not wait for them: they go in one piece with the statement behind them.
            _resets++;
        }
        else if (type == 'Q')
        {
            _queries++;
        }
    }

    private int Integer(int at) => BinaryPrimitives.ReadInt32BigEndian([_unread[at], _unread[at + 1], _unread[at + 2], _unread[at + 3]]);
}
