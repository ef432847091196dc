using System.Net;

namespace LeoPS;

/// <summary>One server to try.</summary>
/// <param name="Name">Host name, address (IPv6 without brackets), or the folder of a unix socket.</param>
/// <param name="Port">TCP port, or the number in the unix socket's name.</param>
/// <param name="Address">The IP address to connect to, so that the name need not be looked up; null to look it up.</param>
public sealed record ConnectionHost(string Name, int Port, string? Address = null)
{
    /// <summary>What is connected to: the address where there is one, and else the name.</summary>
    public string Target => Address ?? Name;

    /// <summary>The target as it stands in a list: IPv6 addresses in brackets.</summary>
    public string ListTarget => InList(Target);

    /// <summary>True for the folder of a unix socket (or an abstract one, which begins with '@').</summary>
    public bool IsSocket => ConnectionHosts.IsSocketFolder(Target);

    /// <summary>
    /// True for this machine itself: a socket, "localhost", a loopback address. What is said to it goes through no network. A name of
    /// another machine at a loopback address is a tunnel to that machine.
    /// </summary>
    public bool IsLocal => IsSocket || (IsLoopback(Name) && IsLoopback(Target));

    /// <summary>The name as it stands in a list: IPv6 addresses in brackets.</summary>
    public string ListName => InList(Name);

    /// <summary>"name:port", IPv6 addresses in brackets.</summary>
    public override string ToString() => $"{ListName}:{Port}";

    private static bool IsLoopback(string name) => string.Equals(name.TrimEnd('.'), "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(name, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static string InList(string name) => !ConnectionHosts.IsSocketFolder(name) && name.Contains(':') ? $"[{name}]" : name;
}
