using System.Net;
using System.Net.Sockets;

namespace LeoPS.Postgres.Sandbox;

/// <summary>TCP ports of 127.0.0.1.</summary>
internal static class LoopbackPort
{
    /// <summary>Why a port cannot be listened on, such as "Address already in use"; null where it can.</summary>
    public static string? WhyNot(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return null;
        }
        catch (SocketException e)
        {
            return e.Message;
        }
    }

    /// <summary>A port that nobody listens on at this moment.</summary>
    public static int FindFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
