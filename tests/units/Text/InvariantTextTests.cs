using System.Globalization;
using LeoPS.Text;

namespace LeoPS.Units.Text;

public sealed class InvariantTextTests
{
    [Theory]
    [InlineData("2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.1234560+00:00")]
    [InlineData("2026-01-02 03:04:05+02:00", "2026-01-02T03:04:05.0000000+02:00")]
    [InlineData("2026-01-02t03:04-0130", null)]
    [InlineData("2026-01-02T03:04-01", "2026-01-02T03:04:00.0000000-01:00")]
    [InlineData(" 2026-01-02Z ", "2026-01-02T00:00:00.0000000+00:00")]
    [InlineData("0001-01-01T00:00+14:00", null)]
    [InlineData("2026-02-30", null)]
    [InlineData("2026-01-02T24:00", null)]
    [InlineData("2026-1-2", null)]
    [InlineData("01/02/2026", null)]
    [InlineData("1 January 2026", null)]
    [InlineData("", null)]
    public void A_time_is_iso_8601(string text, string? time) =>
        Assert.Equal(time, InvariantText.TryReadTime(text, out DateTimeOffset read) ? read.ToString("O", CultureInfo.InvariantCulture) : null);

    [Fact]
    public void A_time_without_a_zone_is_local() =>
        Assert.Equal(new DateTimeOffset(new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Local)), InvariantText.TryReadTime("2026-01-02", out DateTimeOffset read) ? read : default);

    [Fact]
    public void A_time_that_is_none_in_utc_is_refused()
    {
        Assert.False(InvariantText.TryReadTime(7, out _));
        Assert.False(InvariantText.TryReadTime(true, out _));
        Assert.Equal(TimeZoneInfo.Local.BaseUtcOffset <= TimeSpan.Zero, InvariantText.TryReadTime(DateTime.MinValue, out _));
    }

    [Theory]
    [InlineData("7", 7L)]
    [InlineData(" -7 ", -7L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", null)]
    [InlineData("7.0", null)]
    [InlineData("7e0", null)]
    [InlineData("1,000", null)]
    [InlineData("(7)", null)]
    [InlineData(7.0, 7L)]
    [InlineData(7.5, null)]
    [InlineData(1e19, null)]
    [InlineData(double.NaN, null)]
    [InlineData(double.PositiveInfinity, null)]
    [InlineData(true, null)]
    [InlineData(DayOfWeek.Friday, null)]
    [InlineData(null, null)]
    public void A_whole_number_has_no_fraction_and_no_exponent(object? value, long? number) =>
        Assert.Equal(number, InvariantText.TryReadWhole(value, out long read) ? read : null);

    [Theory]
    [InlineData("0.0886", "0.0886")]
    [InlineData("8.86E-2", "0.0886")]
    [InlineData(0.0886, "0.0886")]
    [InlineData(7, "7")]
    [InlineData("0,0886", null)]
    [InlineData("1,000.5", null)]
    [InlineData("$1", null)]
    [InlineData("", null)]
    [InlineData(true, null)]
    [InlineData(DayOfWeek.Friday, null)]
    public void A_number_has_a_point(object? value, string? number) =>
        Assert.Equal(number, InvariantText.TryReadNumber(value, out decimal read) ? read.ToString(CultureInfo.InvariantCulture) : null);

    [Fact]
    public void What_Export_Csv_wrote_is_read_to_the_second_in_the_form_of_the_culture()
    {
        // Made here: under invariant globalization no culture of the machine has a form of its own.
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.DateTimeFormat.ShortDatePattern = "d.M.yyyy";
        culture.DateTimeFormat.LongTimePattern = "H.mm.ss";
        var time = new DateTimeOffset(2026, 2, 1, 3, 4, 5, TimeSpan.Zero);

        Assert.True(InvariantText.TryReadExported(time.AddMilliseconds(7).ToString(culture), culture, out DateTimeOffset read));
        Assert.Equal(time, read);
        Assert.False(InvariantText.TryReadExported(time.ToString(CultureInfo.InvariantCulture), culture, out _));
    }
}
