using System.Net;

namespace LeoPS;

/// <summary>One server to try.</summary>
/// <param name="Name">Host name, address (IPv6 without brackets), or the folder of a unix socket.</param>
/// <param name="Port">TCP port, or the number in the unix socket's name.</param>
public sealed record ConnectionHost(string Name, int Port)
{
    /// <summary>True for the folder of a unix socket (or an abstract one, which begins with '@').</summary>
    public bool IsSocket => ConnectionHosts.IsSocketFolder(Name);

    /// <summary>True for this machine itself: a socket, "localhost", a loopback address. What is said to it goes through no network.</summary>
    public bool IsLocal => IsSocket
        || string.Equals(Name.TrimEnd('.'), "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Name, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>The name as it stands in a list: IPv6 addresses in brackets.</summary>
    public string ListName => !IsSocket && Name.Contains(':') ? $"[{Name}]" : Name;

    /// <summary>"name:port", IPv6 addresses in brackets.</summary>
    public override string ToString() => $"{ListName}:{Port}";
}
