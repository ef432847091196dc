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

    /// <summary>Fails where a column cannot hold a text.</summary>
    /// <param name="name">What the text is called, such as "-Description".</param>
    /// <param name="text">The text; null is always held.</param>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public static void RequireStorable(string name, string? text)
    {
        if (text is not null && !IsStorable(text))
        {
            string what = text.Contains('\0', StringComparison.Ordinal) ? "a NUL character" : "half of a surrogate pair";
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"{name} holds {what}, which no text column can. Leave it out.");
        }
    }

    /// <summary>Fails where a column that needs a text, and holds so many characters, cannot hold this one.</summary>
    /// <param name="name">What the text is called, such as "-FlowKey".</param>
    /// <param name="text">The text.</param>
    /// <param name="longest">Characters as the server counts them: an emoji is one.</param>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public static void Require(string name, string? text, int longest)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"{name} is {(string.IsNullOrEmpty(text) ? "empty" : "blank")}; it needs 1 to {longest} characters.");
        }

        RequireStorable(name, text);
        int length = text.EnumerateRunes().Count();
        if (length > longest)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"{name} has {length:N0} characters, and the column holds {longest}. Shorten it: '{LeoErrors.Short(text)}'.");
        }
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
