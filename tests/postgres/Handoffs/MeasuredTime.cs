using System.Globalization;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>A time of a handoff that is to be measured: as SQL, and as far as .NET can hold it.</summary>
/// <param name="Sql">The value of the column.</param>
/// <param name="Value">The time; null where the column is, or where the time is infinite or outside the years 1 to 9999.</param>
/// <param name="Side">-1 before all times that .NET can hold, 1 behind them, 0 for the others and for null.</param>
internal sealed record MeasuredTime(string Sql, DateTimeOffset? Value, int Side)
{
    public static readonly MeasuredTime None = new("null", null, 0);

    public static readonly IReadOnlyList<MeasuredTime> Odd =
    [
        None, new("'infinity'", null, 1), new("'-infinity'", null, -1), new("'20000-02-29Z'", null, 1), new("'0044-03-15Z BC'", null, -1), new("'294276-12-31Z'", null, 1),
        At(new DateTimeOffset(1, 1, 1, 0, 0, 0, TimeSpan.Zero)), At(new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero).AddTicks(9_999_990)),
    ];

    public static MeasuredTime At(DateTimeOffset time) => new($"'{time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}Z'", time, 0);

    /// <summary>Whether the server finds it at or after a time; null is not.</summary>
    public bool IsAtOrAfter(DateTimeOffset time) => Value is { } value ? value >= time : Side > 0;

    /// <summary>Whether the server finds it before a time; null is not.</summary>
    public bool IsBefore(DateTimeOffset time) => Value is { } value ? value < time : Side < 0;
}
