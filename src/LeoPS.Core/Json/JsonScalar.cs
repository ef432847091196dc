using System.Globalization;
using System.Numerics;
using System.Text;

namespace LeoPS;

/// <summary>Values that are one JSON token, in a form that loses nothing, whatever the culture.</summary>
internal static class JsonScalar
{
    /// <summary>The text of a value that becomes a JSON string and may hold any character; null for other values.</summary>
    public static string? TextOf(object value) => value switch
    {
        string text => text,
        char character => character.ToString(),
        Uri uri => uri.OriginalString,
        Enum member => member.ToString(),
        _ => null,
    };

    /// <summary>Appends a boolean, a finite number, a GUID, a version, or a time in ISO 8601; appends nothing and is false for anything else.</summary>
    public static bool TryAppend(StringBuilder json, object value)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        switch (value)
        {
            case bool flag:
                json.Append(flag ? "true" : "false");
                return true;
            case int or long or short or byte or sbyte or ushort or uint or ulong or nint or nuint or Int128 or UInt128 or BigInteger or decimal:
                json.Append(culture, $"{value}");
                return true;
            case double number when double.IsFinite(number):
                json.Append(culture, $"{number:R}");
                return true;
            case float number when float.IsFinite(number):
                json.Append(culture, $"{number:R}");
                return true;
            case Half number when Half.IsFinite(number):
                json.Append(culture, $"{number:R}");
                return true;
            case Guid or Version:
                json.Append(culture, $"\"{value}\"");
                return true;
            case DateTime or DateTimeOffset or DateOnly or TimeOnly:
                json.Append(culture, $"\"{value:O}\"");
                return true;
            case TimeSpan:
                json.Append(culture, $"\"{value:c}\"");
                return true;
            default:
                return false;
        }
    }
}
