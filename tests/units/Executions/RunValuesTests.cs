using LeoPS.Executions;
using LeoPS.Units.Handoffs;

namespace LeoPS.Units.Executions;

public sealed class RunValuesTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("0.0001")]
    [InlineData("999999.9999")]
    [InlineData("999999.99994999")]
    [InlineData("0.000000000000000000000000001")]
    public void A_cost_that_the_column_holds_is_taken(string cost)
    {
        var values = new RunValues { CostUsd = Number(cost) };

        Assert.Same(values, values.Check());
    }

    [Theory]
    [InlineData("-0.0001")]
    [InlineData("-0.0000000001")]
    [InlineData("999999.99995")]
    [InlineData("1000000")]
    [InlineData("79228162514264337593543950335")]
    public void A_cost_that_it_does_not_hold_is_refused_before_anything_is_written(string cost)
    {
        LeoException error = Assert.Throws<LeoException>(() => new RunValues { CostUsd = Number(cost) }.Check());

        Assert.Equal(LeoErrorId.ValueOutOfRange, error.ErrorId);
        Assert.Contains(cost, error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, Elsewhere.Run(() => Assert.Throws<LeoException>(() => new RunValues { CostUsd = Number(cost) }.Check())).Message.Replace('−', '-'));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(int.MaxValue, false)]
    [InlineData(-1, true)]
    [InlineData(int.MinValue, true)]
    public void A_token_count_is_not_negative(int tokens, bool refused)
    {
        var values = new RunValues { TokenCount = tokens };

        Assert.Equal(refused ? LeoErrorId.ValueOutOfRange : null, Refusal(values)?.ErrorId);
        Assert.True(!refused || Refusal(values)!.Message.Contains($"{tokens}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0.00004999", "0.00004999 is stored as 0")]
    [InlineData("0.0000000001", "is stored as 0")]
    [InlineData("0.00005", null)]
    [InlineData("0.12345678", null)]
    [InlineData("0.0000", null)]
    public void A_cost_of_which_nothing_is_left_is_told(string cost, string? note)
    {
        var values = new RunValues { CostUsd = Number(cost) };

        Assert.Equal(note is null, values.Note is null);
        Assert.Contains(note ?? "", values.Note ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_altered_of_error_and_cost_is_told_together()
    {
        RunError altered = RunError.Of("a\0b", null, null)!;

        Assert.Equal(altered.Note, new RunValues { Error = altered }.Note);
        Assert.Equal($"{altered.Note} cost_usd keeps 4 decimals; 0.00001 is stored as 0.", new RunValues { Error = altered, CostUsd = 0.00001m }.Note);
        Assert.StartsWith("cost_usd", new RunValues { Error = RunError.Of("plain", null, null), CostUsd = 0.00001m }.Note, StringComparison.Ordinal);
        Assert.Null(RunValues.None.Note);
    }

    [Fact]
    public void Any_column_makes_them_values()
    {
        Assert.False(RunValues.None.Any);
        Assert.False(new RunValues().Any);
        RunValues[] each =
        [
            new() { InputState = "null" }, new() { OutputState = "" }, new() { TokenCount = 0 }, new() { CostUsd = 0 }, new() { Error = RunError.Of("", null, null) },
            new() { BoardMeetingId = Guid.Empty }, new() { ExecutedBy = Guid.Empty }, new() { ExecutionMode = ExecutionMode.Manual }, new() { Metadata = "{}" },
        ];
        AssertEach.Of(each, values => Assert.True(values.Any && new ExecutionChange(Guid.Empty, null, null, null, values).HasValues));
        Assert.False(new ExecutionChange(Guid.Empty, null, null, null, RunValues.None).HasValues);
    }

    private static decimal Number(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static LeoException? Refusal(RunValues values) => Record.Exception(() => values.Check()) as LeoException;
}
