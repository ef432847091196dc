using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LeoPS;

/// <summary>Looks for what keeps a JSON text out of a jsonb column, in one pass and without building anything.</summary>
internal static class JsonScan
{
    private const int EscapeLength = 6;

    /// <summary>What is wrong with a text, as the rest of a sentence that begins with the text's name; null where nothing is.</summary>
    /// <param name="text">The text.</param>
    /// <param name="depth">How many levels will be around it.</param>
    public static string? FindFault(string text, int depth)
    {
        int half = JsonText.IndexOfHalf(text);
        if (half >= 0)
        {
            byte[] before = Encoding.UTF8.GetBytes(text[..half]);
            return HalfCharacter(Place(before, before.Length));
        }

        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        try
        {
            return FindFault(utf8, depth);
        }
        catch (JsonException wrong)
        {
            return NotJson(wrong) + (wrong is { LineNumber: 0, BytePositionInLine: 0 } && utf8.Length > 0 ? " Text is read as JSON here; a plain string needs double quotes of its own." : "");
        }
    }

    /// <summary>What the parser says, as the rest of a sentence.</summary>
    public static string NotJson(JsonException wrong)
    {
        string reason = wrong.Message.Split(" LineNumber:")[0].TrimEnd('.');
        return $"is not valid JSON at line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1}: {reason}.";
    }

    /// <summary>What is wrong with the text of a string, as the rest of a sentence; null where nothing is.</summary>
    public static string? FindCharacter(string text)
    {
        int nul = text.IndexOf('\0', StringComparison.Ordinal);
        int at = nul >= 0 ? nul : JsonText.IndexOfHalf(text);
        if (at < 0)
        {
            return null;
        }

        string place = $" at character {at + 1}";
        return nul >= 0 ? NulCharacter(place) : HalfCharacter(place);
    }

    private static string? FindFault(byte[] utf8, int depth)
    {
        // One more than allowed, so that too many levels are told here and not by the parser.
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = JsonValue.MaxDepth + 1 });
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray when depth + reader.CurrentDepth >= JsonValue.MaxDepth:
                    return $"is nested deeper than {JsonValue.MaxDepth} levels{Place(utf8, (int)reader.TokenStartIndex)}.";
                case JsonTokenType.String or JsonTokenType.PropertyName when reader.ValueIsEscaped:
                    if (FindEscape(reader.ValueSpan) is var (at, isNul))
                    {
                        string place = Place(utf8, (int)reader.TokenStartIndex + 1 + at);
                        return isNul ? NulCharacter(place) : HalfCharacter(place);
                    }

                    break;
                default:
                    break;
            }
        }

        return null;
    }

    /// <summary>The first escape in a valid string that stands for U+0000 or for half a character.</summary>
    private static (int At, bool IsNul)? FindEscape(ReadOnlySpan<byte> value)
    {
        int at = 0;
        while (value[at..].IndexOf((byte)'\\') is var next and >= 0)
        {
            at += next;
            char code = CodeAt(value, at);
            if (code == 0)
            {
                return (at, true);
            }

            if (char.IsHighSurrogate(code) && at + EscapeLength < value.Length && char.IsLowSurrogate(CodeAt(value, at + EscapeLength)))
            {
                at += 2 * EscapeLength;
            }
            else if (char.IsSurrogate(code))
            {
                return (at, false);
            }
            else
            {
                // An escaped backslash is passed whole, so that what follows it is text.
                at += 2;
            }
        }

        return null;
    }

    /// <summary>The code of an escape such as \u00e9; a blank where there is none or another one.</summary>
    private static char CodeAt(ReadOnlySpan<byte> value, int at)
        => value[at] == '\\' && value[at + 1] == 'u'
            ? (char)ushort.Parse(value.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : ' ';

    private static string HalfCharacter(string place)
        => $"holds half of a surrogate pair{place} (\\ud800 to \\udfff without its partner), which is no character. Take it out.";

    private static string NulCharacter(string place)
        => $"holds the character U+0000{place}, which a jsonb column cannot hold. Take it out.";

    private static string Place(byte[] utf8, int index)
    {
        ReadOnlySpan<byte> before = utf8.AsSpan(0, index);
        return string.Create(CultureInfo.InvariantCulture, $" at line {before.Count((byte)'\n') + 1}, byte {index - before.LastIndexOf((byte)'\n')}");
    }
}
