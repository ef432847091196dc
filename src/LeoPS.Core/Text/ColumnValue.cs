using System.Globalization;

namespace LeoPS.Text;

/// <summary>Reads the values of a piped row's columns, which may be texts of a CSV file, JSON, or objects. Null and blank are no value.</summary>
public static class ColumnValue
{
    private static readonly string[] _timeFormats =
        ["yyyy-MM-ddK", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK"];

    /// <summary>A text; null for no value.</summary>
    public static string? Text(object? value) => Plain(value) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    /// <summary>An integer of 32 bits; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange where it is none.</exception>
    public static int? Integer(string column, object? value)
    {
        if (Text(value) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Refused(column, text, $"a whole number from {int.MinValue} to {int.MaxValue}");
    }

    /// <summary>A decimal number with a point; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange where it is none.</exception>
    public static decimal? Number(string column, object? value)
    {
        if (Text(value) is not { } text)
        {
            return null;
        }

        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
            ? number
            : throw Refused(column, text, "a number such as 0.0125");
    }

    /// <summary>A time, of .NET or in ISO 8601; null for no value. A text without a zone is local time.</summary>
    /// <exception cref="LeoException">ValueOutOfRange where it is none.</exception>
    public static DateTimeOffset? Time(string column, object? value)
    {
        if (Text(value) is not { } text)
        {
            return null;
        }

        return value switch
        {
            DateTimeOffset time => time,
            DateTime time => new DateTimeOffset(time),
            _ => DateTimeOffset.TryParseExact(text.Trim(), _timeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset time)
                ? time
                : throw Refused(column, text, "a time such as 2026-01-31T14:30:00.123456Z"),
        };
    }

    /// <summary>True or false; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange where it is neither.</exception>
    public static bool? Flag(string column, object? value) =>
        Text(value) is not { } text ? null
        : bool.TryParse(text, out bool flag) ? flag
        : throw Refused(column, text, "True or False");

    /// <summary>A GUID; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange where it is none.</exception>
    public static Guid? Id(string column, object? value)
    {
        if (Text(value) is not { } text)
        {
            return null;
        }

        return Guid.TryParse(text, out Guid id) ? id : throw Refused(column, text, "a GUID");
    }

    /// <summary>A whole name of an enum, in any case; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange where it is none.</exception>
    public static TName? Name<TName>(string column, object? value)
        where TName : struct, Enum
    {
        if (Text(value) is not { } text)
        {
            return null;
        }

        return Statuses.StatusNames<TName>.TryParse(text, out TName name) ? name : throw Refused(column, text, $"one of {Statuses.StatusNames<TName>.List}");
    }

    private static string? Plain(object? value) => value switch
    {
        null => null,
        string text => text,
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static LeoException Refused(string column, string text, string what) =>
        new(LeoErrorId.ValueOutOfRange, $"Column {column} of the piped row holds '{Redaction.Redact(LeoErrors.Short(text))}', which is not {what}.");
}
