using System.Net;

namespace LeoPS;

/// <summary>Reads and writes comma-separated hosts the way libpq pairs them with ports.</summary>
internal static class ConnectionHosts
{
    private const int DefaultPort = 5432;
    private const string DefaultName = "localhost";

    /// <summary>True for a rooted path of either system, and for an abstract socket.</summary>
    public static bool IsSocketFolder(string name)
        => name.StartsWith('/') || name.StartsWith('@') || IsDrivePath(name);

    /// <summary>Pairs hosts with ports: as many ports as hosts, or one for all; an empty one means the default.</summary>
    /// <exception cref="LeoException">ConnectionFailed; the message names the host by its place, never by its text.</exception>
    public static IReadOnlyList<ConnectionHost> Read(string? hosts, string? addresses, string? ports, string source)
    {
        string[] names = Split(hosts);
        string[] numeric = Split(addresses);
        string[] numbers = Split(ports);
        int count = Math.Max(1, Math.Max(names.Length, numeric.Length));
        if (names.Length > 0 && numeric.Length > 0 && names.Length != numeric.Length)
        {
            throw ConnectionErrors.Unreadable(source, $"it has {names.Length} hosts and {numeric.Length} host addresses; give as many of one as of the other");
        }

        if (numbers.Length > 1 && numbers.Length != count)
        {
            throw ConnectionErrors.Unreadable(source, $"it has {numbers.Length} ports for {count} hosts; give one port for all, or one for each");
        }

        var result = new ConnectionHost[count];
        for (int i = 0; i < count; i++)
        {
            string? address = At(numeric, i) is { Length: > 0 } given ? CheckAddress(given, i, source) : null;
            string text = At(names, i) is { Length: > 0 } named ? named : address ?? DefaultName;
            (string name, string ownPort) = SplitPort(text, i, source);
            string number = ownPort.Length > 0 ? ownPort : At(numbers, numbers.Length == 1 ? 0 : i);
            result[i] = new ConnectionHost(CheckName(name, i, source), ReadPort(number, source), address);
        }

        return result;
    }

    /// <summary>The text of <see cref="ConnectionSettings.Host"/> for these hosts, and the port beside it.</summary>
    public static (string Host, int Port) Write(IReadOnlyList<ConnectionHost> hosts)
    {
        int port = hosts[0].Port;
        return hosts.Count == 1
            ? (hosts[0].Name, port)
            : (string.Join(',', hosts.Select(host => host.Port == port ? host.ListName : host.ToString())), port);
    }

    /// <summary>The same of what is connected to: the addresses, where names have some.</summary>
    public static (string Host, int Port) WriteTargets(IReadOnlyList<ConnectionHost> hosts)
        => Write([.. hosts.Select(host => new ConnectionHost(host.Target, host.Port))]);

    private static string[] Split(string? list) => string.IsNullOrEmpty(list) ? [] : list.Split(',', StringSplitOptions.TrimEntries);

    private static string At(string[] list, int index) => index < list.Length ? list[index] : "";

    private static bool IsDrivePath(string name)
        => name.Length > 2 && char.IsAsciiLetter(name[0]) && name[1] == ':' && name[2] is '\\' or '/';

    private static (string Name, string Port) SplitPort(string text, int index, string source)
    {
        int colon = text.LastIndexOf(':');
        if (text.StartsWith('['))
        {
            int end = text.IndexOf(']');
            if (end < 2 || !text[1..end].Contains(':') || (end + 1 < text.Length && text[end + 1] != ':'))
            {
                throw ConnectionErrors.Unreadable(source, $"host {index + 1} opens a bracket and is not [IPv6 address] or [IPv6 address]:port");
            }

            return (text[1..end], end + 2 <= text.Length ? text[(end + 2)..] : "");
        }

        if (IsSocketFolder(text))
        {
            return colon > 1 && colon + 1 < text.Length && text.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0
                ? (text[..colon], text[(colon + 1)..])
                : (text, "");
        }

        // Two colons and no bracket: an IPv6 address without a port.
        return colon >= 0 && text.IndexOf(':') == colon ? (text[..colon], text[(colon + 1)..]) : (text, "");
    }

    private static string CheckName(string name, int index, string source)
    {
        bool fine = IsSocketFolder(name)
            ? !name.Any(char.IsControl) && Redaction.Redact(name) == name
            : name.Contains(':')
                ? IPAddress.TryParse(name, out _)
                : name.Length > 0 && name.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_');
        if (fine)
        {
            return name;
        }

        string reason = name.Contains('@')
            ? "there is a second '@': write an '@' in the user name or password as %40"
            : $"host {index + 1} is not a host name, an address or the folder of a socket";
        throw ConnectionErrors.Unreadable(source, reason);
    }

    private static string CheckAddress(string text, int index, string source) => IPAddress.TryParse(text, out _)
        ? text
        : throw ConnectionErrors.Unreadable(source, $"host address {index + 1} is not an IP address: a name goes to host");

    private static int ReadPort(string text, string source)
    {
        if (text.Length == 0)
        {
            return DefaultPort;
        }

        return int.TryParse(text, System.Globalization.NumberStyles.None, null, out int port) && port is > 0 and <= 65535
            ? port
            : throw ConnectionErrors.Unreadable(
                source,
                "a port is not a number between 1 and 65535 (in a URL's user name and password, write / as %2F, : as %3A and @ as %40)");
    }
}
