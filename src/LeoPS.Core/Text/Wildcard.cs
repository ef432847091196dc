using System.Text;

namespace LeoPS.Text;

/// <summary>
/// PowerShell's wildcard patterns (*, ?, [a-z], a backtick before a character that stands for itself) as regular expressions of PostgreSQL.
/// As in PowerShell, '^' and '!' mean nothing in brackets, and a ']' right after '[' is a member. A '?' is one character of PostgreSQL, so one emoji.
/// </summary>
public static class Wildcard
{
    private const char Escape = '`';

    /// <summary>True where the text holds a '*', a '?' or a '[' that no backtick precedes.</summary>
    public static bool IsPattern(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == Escape)
            {
                i++;
            }
            else if (text[i] is '*' or '?' or '[')
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The names among what was given, literally: what holds no wildcard.</summary>
    /// <param name="given">Names and patterns; null for none.</param>
    public static string[] Names(IEnumerable<string>? given) => [.. (given ?? []).Where(g => !IsPattern(g)).Select(Unescape)];

    /// <summary>What to look for of what was given. A name that no column can hold is nobody's, and the server would refuse the others with it.</summary>
    /// <param name="given">Names and patterns; null for no condition.</param>
    public static string[]? Findable(IEnumerable<string>? given) => given?.Where(g => IsPattern(g) || StoredText.IsStorable(g)).ToArray();

    /// <summary>The text that a pattern without wildcards stands for: backticks go, and what they precede stays. A last, lone backtick stays.</summary>
    public static string Unescape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == Escape && i + 1 < text.Length)
            {
                i++;
            }

            result.Append(text[i]);
        }

        return result.ToString();
    }

    /// <summary>An advanced regular expression of PostgreSQL, anchored at both ends, for the operators ~* and ~.</summary>
    /// <exception cref="LeoException">InvalidIdentity where a '[' is not closed, a range runs backwards, or PostgreSQL cannot hold a character.</exception>
    public static string ToRegex(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var regex = new StringBuilder("^", pattern.Length * 2);
        for (int i = 0; i < pattern.Length;)
        {
            switch (pattern[i])
            {
                case '*':
                    // Many stars are one; the engine would try each of them in turn.
                    regex.Append(".*");
                    i += pattern.AsSpan(i).IndexOfAnyExcept('*') is var run and > 0 ? run : pattern.Length - i;
                    break;
                case '?':
                    regex.Append('.');
                    i++;
                    break;
                case '[':
                    i = AppendSet(regex, pattern, i + 1);
                    break;
                default:
                    AppendLiteral(regex, ReadMember(pattern, ref i).Rune);
                    break;
            }
        }

        return regex.Append('$').ToString();
    }

    /// <summary>Reads the members up to the closing bracket, writes the set, and returns the place after the bracket.</summary>
    private static int AppendSet(StringBuilder regex, string pattern, int i)
    {
        var members = new List<(Rune Rune, bool Escaped)>();
        while (i < pattern.Length && (pattern[i] != ']' || members.Count == 0))
        {
            members.Add(ReadMember(pattern, ref i));
        }

        if (i >= pattern.Length)
        {
            throw Invalid(pattern, "a '[' is not closed; for the character itself write `[");
        }

        regex.Append('[');
        for (int m = 0; m < members.Count; m++)
        {
            AppendMember(regex, members[m].Rune);
            if (m + 2 < members.Count && members[m + 1] is { Escaped: false, Rune.Value: '-' })
            {
                if (members[m].Rune > members[m + 2].Rune)
                {
                    throw Invalid(pattern, "a range in brackets runs backwards");
                }

                regex.Append('-');
                m += 2;
                AppendMember(regex, members[m].Rune);
            }
        }

        regex.Append(']');
        return i + 1;
    }

    /// <summary>One character, by a backtick or not; a backtick at the very end is itself.</summary>
    private static (Rune Rune, bool Escaped) ReadMember(string pattern, ref int i)
    {
        bool escaped = pattern[i] == Escape && i + 1 < pattern.Length;
        if (escaped)
        {
            i++;
        }

        if (!Rune.TryGetRuneAt(pattern, i, out Rune rune) || rune.Value == 0)
        {
            throw Invalid(pattern.Replace('\0', '?'), "it holds a character that PostgreSQL text cannot hold");
        }

        i += rune.Utf16SequenceLength;
        return (rune, escaped);
    }

    private static void AppendLiteral(StringBuilder regex, Rune rune)
    {
        if (rune.IsAscii && @"\^$.[]|()*+?{}".Contains((char)rune.Value))
        {
            regex.Append('\\');
        }

        regex.Append(rune);
    }

    private static void AppendMember(StringBuilder regex, Rune rune)
    {
        if (rune.IsAscii && @"\^-[]".Contains((char)rune.Value))
        {
            regex.Append('\\');
        }

        regex.Append(rune);
    }

    private static LeoException Invalid(string pattern, string reason)
        => new(LeoErrorId.InvalidIdentity, $"The wildcard pattern '{pattern}' is not valid: {reason}.");
}
