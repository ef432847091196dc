using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace LeoPS;

/// <summary>JSON as text.</summary>
public static class JsonText
{
    /// <summary>Whether a text is one JSON value that <see cref="JsonValue.Parse"/> reads.</summary>
    /// <param name="text">The text.</param>
    /// <param name="error">What is wrong and where; null where nothing is.</param>
    public static bool IsValid(string text, [NotNullWhen(false)] out string? error)
    {
        try
        {
            JsonValue.Parse(text);
            error = null;
            return true;
        }
        catch (LeoException invalid)
        {
            error = invalid.Message;
            return false;
        }
    }

    /// <summary>
    /// Refuses a text that a jsonb column cannot hold: one that is not JSON, is nested deeper than <see cref="JsonValue.MaxDepth"/>, or holds
    /// U+0000 or half of a surrogate pair, plainly or as an escape.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="what">What it is called in the message, such as "-InputState".</param>
    /// <exception cref="LeoException">InvalidJson, with the line and the byte.</exception>
    public static void RequireStorable(string text, string what)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (JsonScan.FindFault(text, depth: 0) is { } fault)
        {
            throw JsonErrors.Fault(what, fault);
        }
    }

    /// <summary>The text as a JSON string with its quotes. Only what JSON asks for is escaped, so that emoji and markup stay readable.</summary>
    public static string EscapeString(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var result = new StringBuilder(text.Length + 2);
        AppendString(result, text);
        return result.ToString();
    }

    /// <summary>Appends what <see cref="EscapeString"/> gives.</summary>
    internal static void AppendString(StringBuilder result, string text)
    {
        result.Append('"');
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            switch (c)
            {
                case '"' or '\\':
                    result.Append('\\').Append(c);
                    break;
                case '\n':
                    result.Append("\\n");
                    break;
                case '\r':
                    result.Append("\\r");
                    break;
                case '\t':
                    result.Append("\\t");
                    break;
                case < ' ':
                    AppendCode(result, c);
                    break;
                case var _ when char.IsSurrogate(c):
                    if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                    {
                        result.Append(c).Append(text[++i]);
                    }
                    else
                    {
                        // Half a pair cannot be written as UTF-8.
                        AppendCode(result, c);
                    }

                    break;
                default:
                    result.Append(c);
                    break;
            }
        }

        result.Append('"');
    }

    /// <summary>The place of the first half of a surrogate pair without its partner; negative where there is none.</summary>
    internal static int IndexOfHalf(ReadOnlySpan<char> text)
    {
        int at = 0;
        while (text[at..].IndexOfAnyInRange('\ud800', '\udfff') is var next and >= 0)
        {
            at += next;
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                return at;
            }

            at += 2;
        }

        return -1;
    }

    private static void AppendCode(StringBuilder result, char c)
        => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
}
