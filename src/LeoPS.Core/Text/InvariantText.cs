using System.Globalization;
using System.Text.RegularExpressions;

namespace LeoPS.Text;

/// <summary>
/// Reads numbers and times that may have been given as text: the same value in every culture, or none. A number has a point and no
/// thousands separators; a time is in ISO 8601.
/// </summary>
public static partial class InvariantText
{
    /// <summary>How a time may be written, for messages.</summary>
    public const string TimeForms = "ISO 8601, such as '2026-01-31', '2026-01-31T14:30:00' (local time) or '2026-01-31T14:30:00.123456Z'";

    private const int TimeoutMilliseconds = 500;

    // K is no zone, Z or +hh:mm.
    private static readonly string[] _timeFormats =
    [
        "yyyy-MM-ddK", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK",
    ];

    /// <summary>A value as text, the same in every culture: an enum as its name, a double with all its digits.</summary>
    /// <param name="value">A text, a number, a time, or anything else.</param>
    /// <returns>Null for null.</returns>
    public static string? Of(object? value) => value switch
    {
        null => null,
        string text => text,
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DateTime or DateTimeOffset => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    /// <summary>Reads a whole number: a number without a fraction, or digits with or without a sign.</summary>
    /// <param name="value">A number or a text. True and false, an enum and a time are no numbers.</param>
    /// <param name="number">Zero where it is none.</param>
    public static bool TryReadWhole(object? value, out long number)
    {
        number = 0;
        switch (value)
        {
            case double or float or decimal or Half:
                if (!TryReadNumber(value, out decimal real) || decimal.Truncate(real) != real || real < long.MinValue || real > long.MaxValue)
                {
                    return false;
                }

                number = (long)real;
                return true;
            case Enum or DateTime or DateTimeOffset or TimeSpan:
                return false;
            default:
                const NumberStyles Whole = NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
                return long.TryParse(Of(value), Whole, CultureInfo.InvariantCulture, out number);
        }
    }

    /// <summary>Reads a number: digits with or without a sign, a point and an exponent.</summary>
    /// <param name="value">A number or a text. True and false, an enum and a time are no numbers.</param>
    /// <param name="number">Zero where it is none.</param>
    public static bool TryReadNumber(object? value, out decimal number)
    {
        number = 0;
        return value is not (Enum or DateTime or DateTimeOffset or TimeSpan)
            && decimal.TryParse(Of(value), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Reads a time: one of .NET's, or a text in ISO 8601, which means local time where it names no zone.</summary>
    /// <param name="value">A DateTimeOffset, a DateTime, a DateOnly or a text. A number is no time.</param>
    /// <param name="time">The smallest time where it is none.</param>
    public static bool TryReadTime(object? value, out DateTimeOffset time)
    {
        time = default;
        try
        {
            switch (value)
            {
                case DateTimeOffset exact:
                    time = exact;
                    return true;
                case DateTime day:
                    time = new DateTimeOffset(day);
                    return true;
                case DateOnly day:
                    time = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue));
                    return true;
                case string text:
                    // A blank between date and time is what databases write; an offset of hours alone, too.
                    Match match = IsoTime().Match(text.Trim());
                    string minutes = match.Groups["minutes"].Success || !match.Groups["hours"].Success ? "" : ":00";
                    return match.Success && DateTimeOffset.TryParseExact(
                        $"{match.Groups["date"].Value}{(match.Groups["time"].Success ? "T" : "")}{match.Groups["time"].Value}{match.Groups["zone"].Value.ToUpperInvariant()}{minutes}",
                        _timeFormats,
                        CultureInfo.InvariantCulture,
                        DateTimeStyles.AssumeLocal,
                        out time);
                default:
                    return false;
            }
        }
        catch (ArgumentOutOfRangeException)
        {
            // A local time whose UTC is before the year 1 or past 9999.
            return false;
        }
    }

    /// <summary>
    /// Reads a time as Export-Csv writes it: in the form of this process's culture, to the second. The same text may mean another day in
    /// another culture, so this serves to compare times and never to write one.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="culture">The culture of the process that wrote it.</param>
    /// <param name="time">The smallest time where it is none.</param>
    public static bool TryReadExported(string text, CultureInfo culture, out DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(culture);
        DateTimeFormatInfo form = culture.DateTimeFormat;
        return DateTimeOffset.TryParseExact(
            text, $"{form.ShortDatePattern} {form.LongTimePattern} zzz", culture, DateTimeStyles.AllowWhiteSpaces, out time);
    }

    [GeneratedRegex(
        @"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})([Tt ](?<time>[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?))?\s?(?<zone>[Zz]|(?<hours>[+-][0-9]{2})(?<minutes>:[0-9]{2})?)?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        TimeoutMilliseconds)]
    private static partial Regex IsoTime();
}
