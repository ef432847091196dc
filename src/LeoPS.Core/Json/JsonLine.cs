using System.Globalization;
using System.Text;

namespace LeoPS;

/// <summary>
/// Writes a row as one line of JSON, lossless: JSON columns are their raw text, times have microseconds, and a property
/// that is absent is SQL NULL, whereas null is the JSON null that a column holds.
/// </summary>
internal sealed class JsonLine
{
    private readonly StringBuilder _line = new StringBuilder(1024).Append('{');

    /// <summary>A value that is JSON already: a JSON column, a number, an array.</summary>
    public JsonLine Raw(string name, string? json)
    {
        if (json is not null)
        {
            _line.Append(_line.Length == 1 ? "\"" : ",\"").Append(name).Append("\":").Append(json.AsSpan().Trim());
        }

        return this;
    }

    /// <summary>A text.</summary>
    public JsonLine Text(string name, string? value) => Raw(name, value is null ? null : JsonText.EscapeString(value));

    /// <summary>A number, or another value whose invariant text is JSON.</summary>
    public JsonLine Number(string name, IFormattable? value) => Raw(name, value?.ToString(null, CultureInfo.InvariantCulture));

    /// <summary>A time, in UTC to the microsecond.</summary>
    public JsonLine Time(string name, DateTimeOffset? value) => Raw(name, value?.UtcDateTime.ToString("\\\"yyyy-MM-ddTHH:mm:ss.ffffffZ\\\"", CultureInfo.InvariantCulture));

    /// <summary>The line, without its end.</summary>
    public override string ToString() => _line.ToString() + '}';
}
