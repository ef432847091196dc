using System.Data.Common;
using System.Text;

namespace LeoPS;

/// <summary>Connection strings: Npgsql's "Host=…;Username=…;Password=…" and libpq's "host=… user=… password='…'".</summary>
public static class ConnectionKeywords
{
    /// <summary>Reads a connection string alone: no environment, no service file, no password file.</summary>
    /// <param name="text">The connection string, in either form.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <exception cref="LeoException">ConnectionFailed; the message says what is wrong and never repeats the text.</exception>
    public static ConnectionSettings Parse(string text, string source = "-ConnectionString") => Read(text, source).ToSettings();

    /// <summary>What the text says, and nothing else.</summary>
    internal static ConnectionParts Read(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<KeyValuePair<string, string>>? spaced = SplitLibpq(text);
        List<KeyValuePair<string, string>>? semicolons = SplitAdo(text);
        List<KeyValuePair<string, string>> pairs = Choose(text, spaced, semicolons)
            ?? throw ConnectionErrors.Unreadable(
                source,
                "it is neither \"Host=…;Username=…\" nor \"host=… user=…\": put a value with blanks, ';' or '=' in quotes that close");
        if (pairs.Count == 0)
        {
            throw ConnectionErrors.Unreadable(source, "it is empty");
        }

        if (!pairs.Exists(pair => ConnectionParts.Knows(pair.Key)))
        {
            throw ConnectionErrors.Unreadable(source, "none of its keys is a connection's, such as Host, Username or Database");
        }

        var parts = new ConnectionParts(source);
        foreach ((string key, string value) in pairs)
        {
            parts.Set(key, value);
        }

        return parts;
    }

    /// <summary>Some texts fit both grammars: the one whose keys are all known counts, and else the one whose separator is there.</summary>
    private static List<KeyValuePair<string, string>>? Choose(
        string text,
        List<KeyValuePair<string, string>>? spaced,
        List<KeyValuePair<string, string>>? semicolons)
    {
        if (spaced is null || semicolons is null)
        {
            return spaced ?? semicolons;
        }

        int unknownSpaced = spaced.Count(pair => !ConnectionParts.Knows(pair.Key));
        int unknownSemicolons = semicolons.Count(pair => !ConnectionParts.Knows(pair.Key));
        if (unknownSpaced != unknownSemicolons && (unknownSpaced == 0 || unknownSemicolons == 0))
        {
            return unknownSpaced == 0 ? spaced : semicolons;
        }

        return text.Contains(';') ? semicolons : spaced;
    }

    private static List<KeyValuePair<string, string>>? SplitAdo(string text)
    {
        var builder = new DbConnectionStringBuilder();
        try
        {
            builder.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            // Its message repeats parts of the text; null says enough.
            return null;
        }

        return builder.Keys.Cast<string>().Select(key => KeyValuePair.Create(key, (string)builder[key])).ToList();
    }

    private static List<KeyValuePair<string, string>>? SplitLibpq(string text)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        int i = SkipBlanks(text, 0);
        while (i < text.Length)
        {
            int start = i;
            while (i < text.Length && text[i] != '=' && !char.IsWhiteSpace(text[i]))
            {
                i++;
            }

            string key = text[start..i];
            i = SkipBlanks(text, i);
            if (key.Length == 0 || i >= text.Length || text[i] != '=')
            {
                return null;
            }

            i = SkipBlanks(text, i + 1);
            string? value = ReadLibpqValue(text, ref i);
            if (value is null)
            {
                return null;
            }

            pairs.Add(KeyValuePair.Create(key, value));
            i = SkipBlanks(text, i);
        }

        return pairs;
    }

    /// <summary>A backslash takes the next character as it is, inside and outside single quotes; null where a quote does not close.</summary>
    private static string? ReadLibpqValue(string text, ref int i)
    {
        bool quoted = i < text.Length && text[i] == '\'';
        if (quoted)
        {
            i++;
        }

        var value = new StringBuilder();
        for (; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted ? c == '\'' : char.IsWhiteSpace(c))
            {
                break;
            }

            if (c == '\\' && i + 1 < text.Length)
            {
                c = text[++i];
            }

            value.Append(c);
        }

        if (quoted && i++ >= text.Length)
        {
            return null;
        }

        return value.ToString();
    }

    private static int SkipBlanks(string text, int i)
    {
        while (i < text.Length && char.IsWhiteSpace(text[i]))
        {
            i++;
        }

        return i;
    }
}
