using System.Data.Common;
using System.Text;
using System.Text.RegularExpressions;

namespace LeoPS;

/// <summary>Connection strings: Npgsql's "Host=…;Username=…;Password=…" and libpq's "host=… user=… password='…'".</summary>
public static partial class ConnectionKeywords
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
        IReadOnlyList<ConnectionPair> pairs = Choose(text, SplitLibpq(text), SplitAdo(text))
            ?? throw ConnectionErrors.Unreadable(
                source,
                "it is neither \"Host=…;Username=…\" nor \"host=… user=…\": put a value with blanks, ';' or '=' in quotes that close");
        if (pairs.Count == 0)
        {
            throw ConnectionErrors.Unreadable(source, "it is empty");
        }

        if (!pairs.Any(pair => ConnectionParts.Knows(pair.Key)))
        {
            throw ConnectionErrors.Unreadable(source, "none of its keys is a connection's, such as Host, Username or Database");
        }

        var parts = new ConnectionParts(source);
        foreach (ConnectionPair pair in pairs)
        {
            parts.Set(pair.Key, pair.Value);
        }

        return parts;
    }

    /// <summary>
    /// Many texts can be read in both grammars. The one in which every key is known and comes once, and no value swallows another pair, is
    /// meant; otherwise the one in which more pairs are so; where that does not decide, what stands behind the first value does.
    /// </summary>
    private static IReadOnlyList<ConnectionPair>? Choose(string text, List<ConnectionPair>? spaced, List<ConnectionPair>? semicolons)
    {
        if (spaced is null || semicolons is null)
        {
            return spaced ?? semicolons;
        }

        int goodSpaced = CountKeys(spaced.Where(pair => ConnectionParts.Knows(pair.Key) && !SwallowsSemicolon(pair)));
        int goodSemicolons = CountKeys(semicolons.Where(pair => ConnectionParts.Knows(pair.Key) && !SwallowsPair(pair)));
        bool spacedFits = goodSpaced == spaced.Count && !IsSecretsOnly(spaced);
        bool semicolonsFit = goodSemicolons == semicolons.Count && !IsSecretsOnlyWithPairs(semicolons);
        if (spacedFits != semicolonsFit)
        {
            return spacedFits ? spaced : semicolons;
        }

        string firstValue = text[(text.IndexOf('=') + 1)..].TrimStart();
        if (firstValue.StartsWith('"'))
        {
            // No quotation mark of libpq's.
            return semicolons;
        }

        return goodSpaced != goodSemicolons
            ? goodSpaced > goodSemicolons ? spaced : semicolons
            : SemicolonComesFirst(firstValue) ? semicolons : spaced;
    }

    /// <summary>A key that comes twice counts once: the second is most likely a part of a password.</summary>
    private static int CountKeys(IEnumerable<ConnectionPair> pairs) =>
        pairs.DistinctBy(pair => ConnectionParts.Normalize(pair.Key)).Count();

    /// <summary>No host, port, user or mode has a ';' in it that is not quoted.</summary>
    private static bool SwallowsSemicolon(ConnectionPair pair) => !pair.IsQuoted && !IsFreeText(pair.Key) && pair.Value.Contains(';');

    /// <summary>"password=x;Foo=1" read as one long password would leave nothing that says where to connect.</summary>
    private static bool IsSecretsOnly(List<ConnectionPair> pairs) =>
        pairs.TrueForAll(pair => IsFreeText(pair.Key)) && pairs.Exists(pair => !pair.IsQuoted && pair.Value.Contains(';'));

    /// <summary>The same of "password=x host=y".</summary>
    private static bool IsSecretsOnlyWithPairs(List<ConnectionPair> pairs) =>
        pairs.TrueForAll(pair => IsFreeText(pair.Key)) && pairs.Exists(pair => !pair.IsQuoted && HoldsPair(pair.Value));

    /// <summary>"host=x user=y" read as one long host.</summary>
    private static bool SwallowsPair(ConnectionPair pair) => !pair.IsQuoted && !IsFreeText(pair.Key) && HoldsPair(pair.Value);

    private static bool HoldsPair(string value) => NextPair().Matches(value).Any(match => ConnectionParts.Knows(match.Groups["key"].Value));

    /// <summary>A password may hold anything, and needs no quotes for a ';' in libpq's form, nor for a blank in the other.</summary>
    private static bool IsFreeText(string key) => ConnectionParts.Normalize(key) is "password" or "pwd" or "psw" or "sslpassword";

    /// <summary>True where a ';' ends the first value, and not a blank with another key behind it.</summary>
    private static bool SemicolonComesFirst(string firstValue)
    {
        int from = 0;
        if (firstValue.StartsWith('\''))
        {
            int mark = firstValue.IndexOf('\'', 1);
            if (IsEscaped(firstValue, mark))
            {
                // Only libpq's form has such marks, and there the value goes on.
                return false;
            }

            from = mark + 1;
        }

        int semicolon = firstValue.IndexOf(';', from);
        Match pair = NextPair().Match(firstValue, from);
        return semicolon >= 0 && (!pair.Success || semicolon < pair.Index);
    }

    private static bool IsEscaped(string text, int at)
    {
        int start = at;
        while (start > 0 && text[start - 1] == '\\')
        {
            start--;
        }

        return (at - start) % 2 == 1;
    }

    [GeneratedRegex(@"(?<=\s)(?<key>[A-Za-z_]+)\s*=", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NextPair();

    /// <summary>Null where the framework's own reader refuses the text. Unlike that, it keeps a key that comes twice.</summary>
    private static List<ConnectionPair>? SplitAdo(string text)
    {
        try
        {
            _ = new DbConnectionStringBuilder { ConnectionString = text };
        }
        catch (ArgumentException)
        {
            // Its message repeats parts of the text; null says enough.
            return null;
        }

        var pairs = new List<ConnectionPair>();
        for (int i = 0; (i = SkipBlanks(text, i)) < text.Length;)
        {
            if (text[i] == ';')
            {
                i++;
                continue;
            }

            // "==" is a '=' of the key.
            int equals = text.IndexOf('=', i);
            while (equals >= 0 && equals + 1 < text.Length && text[equals + 1] == '=')
            {
                equals = text.IndexOf('=', equals + 2);
            }

            if (equals < 0)
            {
                return null;
            }

            string key = text[i..equals].Trim().Replace("==", "=", StringComparison.Ordinal);
            i = SkipBlanks(text, equals + 1);
            bool quoted = i < text.Length && text[i] is '"' or '\'';
            pairs.Add(new ConnectionPair(key, quoted ? ReadAdoQuoted(text, ref i) : ReadAdoValue(text, ref i), quoted));
        }

        return pairs;
    }

    /// <summary>A quotation mark inside is doubled.</summary>
    private static string ReadAdoQuoted(string text, ref int i)
    {
        char mark = text[i++];
        var value = new StringBuilder();
        for (; i < text.Length && (text[i] != mark || (i + 1 < text.Length && text[i + 1] == mark)); i++)
        {
            i += text[i] == mark ? 1 : 0;
            value.Append(text[i]);
        }

        i++;
        return value.ToString();
    }

    private static string ReadAdoValue(string text, ref int i)
    {
        int end = text.IndexOf(';', i);
        string value = text[i..(end < 0 ? text.Length : end)].TrimEnd();
        i = end < 0 ? text.Length : end;
        return value;
    }

    private static List<ConnectionPair>? SplitLibpq(string text)
    {
        var pairs = new List<ConnectionPair>();
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
            bool quoted = i < text.Length && text[i] == '\'';
            string? value = ReadLibpqValue(text, ref i);
            if (value is null)
            {
                return null;
            }

            pairs.Add(new ConnectionPair(key, value, quoted));
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

    /// <summary>One key and its value, without quotes and escapes. Not a record: ToString would show a password.</summary>
    private sealed class ConnectionPair(string key, string value, bool isQuoted)
    {
        public string Key => key;

        public string Value => value;

        public bool IsQuoted => isQuoted;
    }
}
