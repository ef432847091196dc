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

    /// <summary>The text as a JSON string with its quotes. Only what JSON asks for is escaped, so that emoji and markup stay readable.</summary>
    public static string EscapeString(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var result = new StringBuilder(text.Length + 2).Append('"');
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

        return result.Append('"').ToString();
    }

    private static void AppendCode(StringBuilder result, char c)
        => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
}
