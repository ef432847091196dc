using System.Globalization;
using System.Text;

namespace LeoPS.Readiness;

/// <summary>Text that people wrote, for comparing and for quoting.</summary>
internal static class Prose
{
    private const int MaxQuoted = 60;

    /// <summary>The text on one line, each gap one blank.</summary>
    public static string OneLine(string? text) => text is null ? "" : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The text on one line, in quotes, cut where it is long.</summary>
    public static string Quote(string? text)
    {
        string line = OneLine(text);
        if (line.Length <= MaxQuoted)
        {
            return $"'{line}'";
        }

        int end = char.IsHighSurrogate(line[MaxQuoted - 2]) ? MaxQuoted - 2 : MaxQuoted - 1;
        return $"'{line[..end]}…'";
    }

    /// <summary>The words in small letters, one blank between them; what is neither letter nor digit separates.</summary>
    public static string Words(string text)
    {
        var words = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            // Halves of a pair belong to letters of rare scripts and to emoji; they count as said.
            if (char.IsLetterOrDigit(c) || char.IsSurrogate(c))
            {
                words.Append(char.ToLowerInvariant(c));
            }
            else if (words.Length > 0 && words[^1] != ' ' && char.GetUnicodeCategory(c) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark))
            {
                words.Append(' ');
            }
        }

        return words.ToString().TrimEnd();
    }

    /// <summary>A percentage for a message. It is cut, not rounded, so that what is under a threshold never looks as if it were not.</summary>
    public static string Percent(decimal percent) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(percent * 100) / 100:0.##} %");
}
