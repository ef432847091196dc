namespace LeoPS;

/// <summary>libpq's service file: sections of [name] with key=value lines, '#' for remarks.</summary>
internal static class ServiceFile
{
    /// <summary>What the section says; null where the text has no such section.</summary>
    /// <exception cref="LeoException">ConnectionFailed; tells the line's number, never its text.</exception>
    public static ConnectionParts? Read(string text, string service, string source)
    {
        ConnectionParts? section = null;
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line[0] == '[')
            {
                if (section is not null)
                {
                    break;
                }

                section = line == $"[{service}]" ? new ConnectionParts(source) : null;
                continue;
            }

            if (section is null)
            {
                continue;
            }

            int equals = line.IndexOf('=');
            if (equals < 1)
            {
                throw ConnectionErrors.Unreadable(source, $"line {number} of the service file is not key=value (LDAP look-ups are not supported)");
            }

            string key = line[..equals].TrimEnd();
            if (key == "service")
            {
                throw ConnectionErrors.Unreadable(source, $"line {number} of the service file names another service, which libpq refuses too");
            }

            section.Set(key, line[(equals + 1)..].TrimStart());
        }

        return section;
    }
}
