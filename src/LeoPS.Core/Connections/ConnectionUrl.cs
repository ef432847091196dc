using System.Text;

namespace LeoPS;

/// <summary>URLs of the form postgresql://user:password@host:port/database?key=value, as libpq reads them.</summary>
public static class ConnectionUrl
{
    private static readonly string[] Schemes = ["postgresql://", "postgres://"];
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>True where the text begins like such a URL, in any case.</summary>
    public static bool IsUrl(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SchemeOf(text.AsSpan().TrimStart()) is not null;
    }

    /// <summary>Reads a URL alone: no environment, no service file, no password file.</summary>
    /// <param name="url">The URL; user name, password, host and database percent-encoded, several hosts separated by commas.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <exception cref="LeoException">ConnectionFailed; the message says what is wrong and never repeats the URL.</exception>
    public static ConnectionSettings Parse(string url, string source = "-Uri") => Read(url, source).ToSettings();

    /// <summary>What the URL says, and nothing else.</summary>
    internal static ConnectionParts Read(string url, string source)
    {
        ArgumentNullException.ThrowIfNull(url);
        string text = url.Trim();
        string scheme = SchemeOf(text)
            ?? throw ConnectionErrors.Unreadable(source, "a URL begins with postgresql:// or postgres://, with nothing before it and no driver's name in it");
        if (text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            throw ConnectionErrors.Unreadable(source, "the URL holds a blank or a control character: write a blank as %20");
        }

        var parts = new ConnectionParts(source);
        string rest = ReadUser(text[scheme.Length..], parts, source);
        (string beforeQuery, string query) = Cut(rest, '?');
        (string hosts, string database) = Cut(beforeQuery, '/');
        if (database.Contains('@') || hosts.Contains('@'))
        {
            throw ConnectionErrors.Unreadable(source, "there is an '@' after the host: in user name and password write @ as %40 and / as %2F");
        }

        ReadHosts(hosts, parts, source);
        if (database.Length > 0)
        {
            parts.Database = Decode(database, "the database name", source);
        }

        ReadQuery(query, parts, source);
        return parts;
    }

    private static string? SchemeOf(ReadOnlySpan<char> text)
    {
        foreach (string scheme in Schemes)
        {
            if (text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                return scheme;
            }
        }

        return null;
    }

    private static (string Before, string After) Cut(string text, char separator)
    {
        int index = text.IndexOf(separator);
        return index < 0 ? (text, "") : (text[..index], text[(index + 1)..]);
    }

    /// <summary>User name and password stand before an '@' that comes before any '/'; the rest is returned.</summary>
    private static string ReadUser(string text, ConnectionParts parts, string source)
    {
        int end = text.IndexOfAny(['@', '/']);
        if (end < 0 || text[end] != '@')
        {
            return text;
        }

        (string user, string password) = Cut(text[..end], ':');
        parts.UserName = user.Length == 0 ? null : Decode(user, "the user name", source);
        parts.Password = password.Length == 0 ? null : Decode(password, "the password", source);
        return text[(end + 1)..];
    }

    private static void ReadHosts(string text, ConnectionParts parts, string source)
    {
        if (text.Length == 0)
        {
            return;
        }

        var names = new List<string>();
        var ports = new List<string>();
        foreach (string entry in text.Split(','))
        {
            int bracket = entry.StartsWith('[') ? entry.IndexOf(']') : -1;
            if (entry.StartsWith('[') && bracket < 2)
            {
                throw ConnectionErrors.Unreadable(source, "a '[' opens an IPv6 address that no ']' closes");
            }

            int colon = entry.IndexOf(':', bracket + 1);
            string name = colon < 0 ? entry : entry[..colon];
            string port = colon < 0 ? "" : entry[(colon + 1)..];
            names.Add(Decode(name, "the host name", source));
            ports.Add(port);
        }

        parts.Host = string.Join(',', names) is { Length: > 0 } list ? list : null;
        parts.Port = ports.Exists(port => port.Length > 0) ? string.Join(',', ports) : null;
    }

    private static void ReadQuery(string query, ConnectionParts parts, string source)
    {
        foreach (string pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!pair.Contains('='))
            {
                throw ConnectionErrors.Unreadable(source, "a part after the '?' is not key=value");
            }

            (string key, string value) = Cut(pair, '=');
            parts.Set(Decode(key, "a key", source), Decode(value, "a value after the '?'", source));
        }
    }

    private static string Decode(string text, string what, string source)
    {
        if (!text.Contains('%'))
        {
            return text;
        }

        using var bytes = new MemoryStream(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                int start = i;
                while (i + 1 < text.Length && text[i + 1] != '%')
                {
                    i++;
                }

                bytes.Write(Encoding.UTF8.GetBytes(text[start..(i + 1)]));
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                throw ConnectionErrors.Unreadable(source, $"in {what} a '%' is not followed by two hexadecimal digits: write '%' itself as %25");
            }

            byte value = Convert.FromHexString(text.AsSpan(i + 1, 2))[0];
            if (value == 0)
            {
                throw ConnectionErrors.Unreadable(source, $"{what} holds %00, which nothing in PostgreSQL can");
            }

            bytes.WriteByte(value);
            i += 2;
        }

        try
        {
            return StrictUtf8.GetString(bytes.ToArray());
        }
        catch (DecoderFallbackException)
        {
            throw ConnectionErrors.Unreadable(source, $"the %-codes in {what} are not UTF-8");
        }
    }
}
