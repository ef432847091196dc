using System.Text;

namespace LeoPS.Text;

/// <summary>Texts as a text column holds them: neither NUL nor half of a surrogate pair.</summary>
internal static class StorableText
{
    /// <summary>True where a text column holds it.</summary>
    public static bool Holds(string text) => !text.Contains('\0', StringComparison.Ordinal) && JsonText.IndexOfHalf(text) < 0;

    /// <summary>The text with U+FFFD in place of what no column holds.</summary>
    public static string Of(string text) => Holds(text) ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
}
