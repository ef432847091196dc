using System.Globalization;
using LeoPS.Text;

namespace LeoPS.Units.Text;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", "00:00:00.5")]
    [InlineData("30s", "00:00:30")]
    [InlineData(" 15M ", "00:15:00")]
    [InlineData("2h", "02:00:00")]
    [InlineData("7D", "7.00:00:00")]
    [InlineData("0s", "00:00:00")]
    [InlineData("90m", "01:30:00")]
    [InlineData("2.00:00:00", "2.00:00:00")]
    [InlineData("00:30", "00:30:00")]
    [InlineData("1:2:3.25", "01:02:03.25")]
    [InlineData("23:59:59", "23:59:59")]
    public void Reads_the_forms(string text, string expected)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan value));
        Assert.Equal(TimeSpan.Parse(expected, CultureInfo.InvariantCulture), value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("30")]
    [InlineData("1.5h")]
    [InlineData("-5m")]
    [InlineData("-1:00:00")]
    [InlineData("+5m")]
    [InlineData("5 m")]
    [InlineData("5w")]
    [InlineData("m")]
    [InlineData("24:00")]
    [InlineData("1:60")]
    [InlineData("1:2:3:4")]
    [InlineData("30:00:00")]
    [InlineData("٣s")]
    [InlineData("9999999999d")]
    [InlineData("99999999999999999999s")]
    [InlineData("99999999.00:00:00")]
    public void Refuses_the_rest(string? text)
    {
        Assert.False(Duration.TryParse(text, out TimeSpan value));
        Assert.Equal(TimeSpan.Zero, value);
    }

    [Theory]
    [InlineData("00:00:00", "just now")]
    [InlineData("00:00:00.999", "just now")]
    [InlineData("00:00:12.9", "12 s")]
    [InlineData("00:15:59", "15 min")]
    [InlineData("04:00:30", "4 h")]
    [InlineData("04:05:00", "4 h 5 min")]
    [InlineData("2.03:59:00", "2 d 3 h")]
    [InlineData("400.00:10:00", "400 d")]
    [InlineData("-00:00:00.5", "just now")]
    [InlineData("-00:15:00", "in 15 min")]
    public void Describes(string span, string expected)
        => Assert.Equal(expected, Duration.Describe(TimeSpan.Parse(span, CultureInfo.InvariantCulture)));

    [Fact]
    public void Describes_the_extremes()
    {
        Assert.Equal("10675199 d 2 h", Duration.Describe(TimeSpan.MaxValue));
        Assert.Equal("in 10675199 d 2 h", Duration.Describe(TimeSpan.MinValue));
    }

    [Property]
    public bool A_whole_number_with_a_unit_is_that_long(ushort count)
        => Duration.TryParse($"{count}ms", out TimeSpan ms) && ms == TimeSpan.FromMilliseconds(count)
            && Duration.TryParse($"{count}S", out TimeSpan s) && s == TimeSpan.FromSeconds(count)
            && Duration.TryParse($"{count}m", out TimeSpan m) && m == TimeSpan.FromMinutes(count)
            && Duration.TryParse($"{count}h", out TimeSpan h) && h == TimeSpan.FromHours(count)
            && Duration.TryParse($"{count}d", out TimeSpan d) && d == TimeSpan.FromDays(count);

    [Property]
    public bool A_span_as_text_comes_back(uint seconds)
        => Duration.TryParse(TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture), out TimeSpan value)
            && value == TimeSpan.FromSeconds(seconds);

    [Property]
    public bool Whatever_is_read_is_not_negative(string? text) => !Duration.TryParse(text, out TimeSpan value) || value >= TimeSpan.Zero;

    [Fact]
    public void The_forms_are_forms()
    {
        string[] quoted = Duration.Forms.Split('\'').Where((_, i) => i % 2 == 1).ToArray();

        Assert.Equal(6, quoted.Length);
        AssertEach.Of(quoted, form => Assert.True(Duration.TryParse(form, out _), form));
    }
}
