using System.Text;

namespace LeoPS;

/// <summary>libpq's password file: lines of host:port:database:user:password, '*' for any, ':' and '\' after a backslash, '#' for remarks.</summary>
public static class PasswordFile
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // A server's usual socket folders stand as "localhost" in the file.
    private static readonly string[] DefaultSocketFolders = ["/tmp", "/var/run/postgresql", "/run/postgresql"];

    /// <summary>Looks a password up; a missing file has none. On Unix a file that others may read is not used, as libpq has it.</summary>
    /// <param name="path">The password file.</param>
    /// <param name="files">Where files are read from.</param>
    /// <param name="hosts">The hosts in the order in which they are tried; the first that has a line counts.</param>
    /// <param name="database">Database name.</param>
    /// <param name="userName">Login role.</param>
    public static PasswordLookup Find(string path, IConnectionFiles files, IReadOnlyList<ConnectionHost> hosts, string database, string userName)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(hosts);
        string shown = Redaction.Redact(path);
        string? text;
        try
        {
            text = files.ReadText(path);
            if (text is not null && files.ModeOf(path) is { } mode && (mode & Others) != UnixFileMode.None)
            {
                return new(null, $"The password file {shown} was not used: others than its owner have access to it. Set its mode to 0600 (chmod 600).");
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new(null, $"The password file {shown} was not used: it cannot be read. Check its permissions, and that it is a file.");
        }

        if (text is null)
        {
            return new(null, null);
        }

        string[] found = hosts.Select(host => FindLine(text, host, database, userName)).OfType<string>().ToArray();
        string? note = found.Distinct(StringComparer.Ordinal).Skip(1).Any()
            ? $"The password file {shown} has different passwords for the hosts; the first one is used for all."
            : null;
        return new(found.FirstOrDefault(), note);
    }

    private static string? FindLine(string text, ConnectionHost host, string database, string userName)
    {
        string port = host.Port.ToString();
        foreach (string raw in text.Split('\n'))
        {
            string line = raw.TrimEnd('\r');
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            int at = 0;
            string? place = ReadField(line, ref at);
            bool hostFits = place == "*" || place == host.Name || (place == "localhost" && DefaultSocketFolders.Contains(host.Name));
            if (hostFits
                && Fits(ReadField(line, ref at), port)
                && Fits(ReadField(line, ref at), database)
                && Fits(ReadField(line, ref at), userName)
                && at <= line.Length)
            {
                return Unescape(line[at..]) is { Length: > 0 } password ? password : null;
            }
        }

        return null;
    }

    private static bool Fits(string? field, string wanted) => field == "*" || field == wanted;

    /// <summary>The field up to the next bare ':', without its escapes; null, and a position past the end, where no ':' ends it.</summary>
    private static string? ReadField(string line, ref int at)
    {
        var field = new StringBuilder();
        for (; at < line.Length; at++)
        {
            if (line[at] == ':')
            {
                at++;
                return field.ToString();
            }

            if (line[at] == '\\' && at + 1 < line.Length)
            {
                at++;
            }

            field.Append(line[at]);
        }

        at = line.Length + 1;
        return null;
    }

    private static string Unescape(string text)
    {
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                i++;
            }

            result.Append(text[i]);
        }

        return result.ToString();
    }
}
