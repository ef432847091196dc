using System.Text.Json;
using LeoPS.Statuses;

namespace LeoPS.Text;

/// <summary>
/// Reads the values of a piped row's columns, which may be texts of a CSV file, JSON, or objects. Null and blank are no value; a value
/// that is there and cannot be read is an error and never "no value".
/// </summary>
public static class ColumnValue
{
    /// <summary>What to do with a row whose version cannot be read.</summary>
    internal const string VersionAdvice = "Read the row again, or leave that column out to change it without looking whether it has changed.";

    /// <summary>A text; null for no value.</summary>
    public static string? Text(object? value) => InvariantText.Of(value) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    /// <summary>An integer of 32 bits; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange where it is none.</exception>
    public static int? Integer(string column, object? value) =>
        Text(value) is not { } text ? null
        : InvariantText.TryReadWhole(Typed(value, text), out long number) && number is >= int.MinValue and <= int.MaxValue ? (int)number
        : throw Refused(column, text, $"a whole number from {int.MinValue} to {int.MaxValue}");

    /// <summary>A decimal number with a point; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange where it is none.</exception>
    public static decimal? Number(string column, object? value) =>
        Text(value) is not { } text ? null
        : InvariantText.TryReadNumber(Typed(value, text), out decimal number) ? number
        : throw Refused(column, text, "a number such as 0.0125");

    /// <summary>A time; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange where it is none.</exception>
    public static DateTimeOffset? Time(string column, object? value) =>
        Text(value) is not { } text ? null
        : InvariantText.TryReadTime(Typed(value, text), out DateTimeOffset time) ? time
        : throw Refused(column, text, $"a time in {InvariantText.TimeForms}");

    /// <summary>The xmin of a row; null for no value.</summary>
    /// <exception cref="LeoException">InvalidIdentity where it is none: whether the row has changed since would not be noticed.</exception>
    public static uint? Version(string column, object? value) =>
        Text(value) is not { } text ? null
        : InvariantText.TryReadWhole(Typed(value, text), out long number) && number is >= 0 and <= uint.MaxValue ? (uint)number
        : throw Refused(column, text, $"the version of a row (digits alone); a spreadsheet may have changed it. {VersionAdvice}", LeoErrorId.InvalidIdentity);

    /// <summary>True or false; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange where it is neither.</exception>
    public static bool? Flag(string column, object? value) =>
        Text(value) is not { } text ? null
        : bool.TryParse(text, out bool flag) ? flag
        : throw Refused(column, text, "True or False");

    /// <summary>A GUID; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange, or the given id, where it is none.</exception>
    public static Guid? Id(string column, object? value, LeoErrorId errorId = LeoErrorId.ValueOutOfRange) =>
        Text(value) is not { } text ? null
        : Guid.TryParse(text, out Guid id) ? id
        : throw Refused(column, text, "a GUID", errorId);

    /// <summary>A whole name of an enum, in any case; null for no value.</summary>
    /// <exception cref="LeoException">ValueOutOfRange, or the given id, where it is none.</exception>
    public static TName? Name<TName>(string column, object? value, LeoErrorId errorId = LeoErrorId.ValueOutOfRange)
        where TName : struct, Enum =>
        Text(value) is not { } text ? null
        : StatusNames<TName>.TryParse(text, out TName name) ? name
        : throw Refused(column, text, $"one of {StatusNames<TName>.List}", errorId);

    /// <summary>A column of a piped row that holds something else than it should.</summary>
    /// <param name="column">The column.</param>
    /// <param name="text">What it holds.</param>
    /// <param name="what">What it should be, as the end of a sentence.</param>
    /// <param name="errorId">The condition.</param>
    internal static LeoException Refused(string column, string text, string what, LeoErrorId errorId = LeoErrorId.ValueOutOfRange) =>
        new(errorId, $"Column {column} of the piped row holds '{Redaction.Redact(LeoErrors.Short(text))}', which is not {what}{(what.EndsWith('.') ? "" : ".")}");

    /// <summary>What was a number or a time already is read as that, and anything else by its text.</summary>
    private static object Typed(object? value, string text) => value is ValueType and not JsonElement ? value : text;
}
