using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace LeoPS;

/// <summary>Reads the text of a JSON column as objects that PowerShell walks with dots.</summary>
public static class JsonValue
{
    /// <summary>How deep objects and arrays may be nested.</summary>
    public const int MaxDepth = 512;

    // PostgreSQL's numeric has at most this many digits before the point; longer ones would take quadratic time.
    private const int MaxIntegerDigits = 131_072;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Reads one JSON value. Objects become <see cref="JsonMap"/>, arrays <see cref="JsonList"/>; strings, booleans and null are themselves.
    /// A number is a long where it is integral and fits; a decimal where that keeps every digit as written; a BigInteger where it has neither
    /// point nor exponent; a double where it is finite and not lost in zero; and its text otherwise.
    /// </summary>
    /// <param name="raw">JSON text.</param>
    /// <exception cref="LeoException">InvalidJson where the text is not JSON, or is nested deeper than <see cref="MaxDepth"/>.</exception>
    public static object? Parse(string raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        try
        {
            return Read(StrictUtf8.GetBytes(raw));
        }
        catch (JsonException wrong)
        {
            throw JsonErrors.Fault("The text", JsonScan.NotJson(wrong));
        }
        catch (EncoderFallbackException)
        {
            throw HalfCharacter();
        }
    }

    private static object? Read(byte[] utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        var open = new Stack<JsonFrame>();
        object? result = null;
        while (reader.Read())
        {
            object? value;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    open.Peek().Name = ReadString(ref reader);
                    continue;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    open.Push(new JsonFrame((int)reader.TokenStartIndex, reader.TokenType == JsonTokenType.StartObject));
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    JsonFrame closed = open.Pop();
                    value = closed.Build(utf8.AsMemory(closed.Start, (int)reader.BytesConsumed - closed.Start));
                    break;
                case JsonTokenType.String:
                    value = ReadString(ref reader);
                    break;
                case JsonTokenType.Number:
                    value = ReadNumber(Encoding.UTF8.GetString(reader.ValueSpan));
                    break;
                default:
                    value = reader.TokenType == JsonTokenType.Null ? null : reader.TokenType == JsonTokenType.True;
                    break;
            }

            if (open.Count == 0)
            {
                result = value;
            }
            else
            {
                open.Peek().Add(value);
            }
        }

        return result;
    }

    private static string ReadString(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw HalfCharacter();
        }
    }

    private static LeoException HalfCharacter()
        => new(LeoErrorId.InvalidJson, "The text is not valid JSON: it holds half of a surrogate pair (\\ud800 to \\udfff without its partner).");

    private static object ReadNumber(string raw)
    {
        bool plain = raw.AsSpan().IndexOfAny(".eE") < 0;
        if (plain && long.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer))
        {
            return integer;
        }

        if (decimal.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal exact)
            && exact.ToString(CultureInfo.InvariantCulture) == raw)
        {
            return exact;
        }

        if (plain && raw.AsSpan().TrimStart('-').Length <= MaxIntegerDigits)
        {
            return BigInteger.Parse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        }

        double number = double.Parse(raw, NumberStyles.Float, CultureInfo.InvariantCulture);
        bool lost = number == 0 && HasDigit(raw);
        return double.IsFinite(number) && !lost ? number : raw;
    }

    /// <summary>True where the digits before any exponent are not all zero.</summary>
    private static bool HasDigit(string raw)
    {
        int exponent = raw.AsSpan().IndexOfAny('e', 'E');
        ReadOnlySpan<char> digits = exponent < 0 ? raw : raw.AsSpan(0, exponent);
        return digits.IndexOfAnyInRange('1', '9') >= 0;
    }
}
