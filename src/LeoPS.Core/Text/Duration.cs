using System.Globalization;
using System.Text.RegularExpressions;

namespace LeoPS.Text;

/// <summary>Durations as people write them and as views show them.</summary>
public static partial class Duration
{
    /// <summary>The forms, for messages: "'30s', '15m', …".</summary>
    public const string Forms = "'500ms', '30s', '15m', '2h', '7d', '2.00:00:00' (days.hours:minutes:seconds), or a TimeSpan";

    private const int TimeoutMilliseconds = 500;

    /// <summary>Reads one of <see cref="Forms"/>, in any case. A bare number is refused, and so is anything negative.</summary>
    /// <param name="text">The text; blanks around it do not count.</param>
    /// <param name="value">The duration; zero where the text is none.</param>
    public static bool TryParse(string? text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        string trimmed = text?.Trim() ?? "";
        Match match = WithUnit().Match(trimmed);
        return match.Success
            ? TryScale(match.Groups["number"].Value, match.Groups["unit"].Value, out value)
            : WithColons().IsMatch(trimmed) && TimeSpan.TryParse(trimmed, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A duration in words for views: "2 d 3 h", "4 h 5 min", "15 min", "12 s", "just now" under a second; "in 15 min" where it is negative.</summary>
    public static string Describe(TimeSpan value)
    {
        if (value < TimeSpan.Zero)
        {
            TimeSpan ahead = value == TimeSpan.MinValue ? TimeSpan.MaxValue : value.Negate();
            return ahead < TimeSpan.FromSeconds(1) ? Describe(ahead) : "in " + Describe(ahead);
        }

        return value switch
        {
            { TotalSeconds: < 1 } => "just now",
            { TotalMinutes: < 1 } => $"{value.Seconds} s",
            { TotalHours: < 1 } => $"{value.Minutes} min",
            { TotalDays: < 1 } => Join(value.Hours, "h", value.Minutes, "min"),
            _ => Join(value.Days, "d", value.Hours, "h"),
        };
    }

    /// <summary>A measured time in words for views: "420 ms", "12 s", "31 min 43 s", "2 h 5 min", "3 d 4 h"; with a minus where it is negative.</summary>
    public static string Elapsed(TimeSpan value) => value switch
    {
        { Ticks: < 0 } => "-" + Elapsed(value == TimeSpan.MinValue ? TimeSpan.MaxValue : value.Negate()),
        { TotalSeconds: < 1 } => $"{value.Milliseconds} ms",
        { TotalMinutes: < 1 } => $"{value.Seconds} s",
        { TotalHours: < 1 } => Join(value.Minutes, "min", value.Seconds, "s"),
        _ => Describe(value),
    };

    private static string Join(int first, string firstUnit, int second, string secondUnit)
        => second == 0 ? $"{first} {firstUnit}" : $"{first} {firstUnit} {second} {secondUnit}";

    private static bool TryScale(string number, string unit, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        long ticks = unit.ToLowerInvariant() switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => TimeSpan.TicksPerDay,
        };
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count) || count > TimeSpan.MaxValue.Ticks / ticks)
        {
            return false;
        }

        value = TimeSpan.FromTicks(count * ticks);
        return true;
    }

    [GeneratedRegex("^(?<number>[0-9]+)(?<unit>ms|s|m|h|d)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeoutMilliseconds)]
    private static partial Regex WithUnit();

    // TimeSpan.Parse alone reads "24:00" as 24 days.
    [GeneratedRegex(@"^([0-9]{1,8}\.)?([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9](\.[0-9]{1,7})?)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeoutMilliseconds)]
    private static partial Regex WithColons();
}
