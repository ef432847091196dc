namespace LeoPS.Text;

/// <summary>What a text column can hold.</summary>
public static class ColumnText
{
    /// <summary>True where a text column can hold all of its characters.</summary>
    public static bool CanHold(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return !text.Contains('\0', StringComparison.Ordinal) && JsonText.IndexOfHalf(text) < 0;
    }

    /// <summary>Fails where a column cannot hold a text.</summary>
    /// <param name="name">What the text is called, such as "-Description".</param>
    /// <param name="text">The text; null is always held.</param>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public static void RequireHoldable(string name, string? text)
    {
        if (text is not null && !CanHold(text))
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

        RequireHoldable(name, text);
        int length = text.EnumerateRunes().Count();
        if (length > longest)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"{name} has {length:N0} characters, and the column holds {longest}. Shorten it: '{LeoErrors.Short(text)}'.");
        }
    }
}
