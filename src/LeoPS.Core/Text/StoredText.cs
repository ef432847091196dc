using System.Text;

namespace LeoPS.Text;

/// <summary>What a text column holds: everything but NUL and half of a surrogate pair, which is no character.</summary>
public static class StoredText
{
    private const char Replacement = '\uFFFD';

    /// <summary>True where a column can hold the text.</summary>
    public static bool IsStorable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return !text.Contains('\0', StringComparison.Ordinal) && JsonText.IndexOfHalf(text) < 0;
    }

    /// <summary>The text with U+FFFD for what no column holds; the text itself where there is nothing of the kind.</summary>
    public static string? Clean(string? text)
    {
        if (text is null || IsStorable(text))
        {
            return text;
        }

        var result = new StringBuilder(text).Replace('\0', Replacement);
        for (int half = JsonText.IndexOfHalf(text); half >= 0; half = Next(text, half + 1))
        {
            result[half] = Replacement;
        }

        return result.ToString();
    }

    private static int Next(string text, int from)
    {
        int at = JsonText.IndexOfHalf(text.AsSpan(from));
        return at < 0 ? -1 : from + at;
    }
}
