using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class MeasureRequestTests
{
    private static readonly DateTimeOffset Day = new(2026, 1, 10, 0, 0, 0, TimeSpan.Zero);

    private static readonly MeasureRequest All = new(new ExecutionFilter(), [], null, null);

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1500)]
    public void An_interval_is_whole_seconds(int milliseconds) =>
        Assert.Equal(LeoErrorId.ValueOutOfRange, Assert.Throws<LeoException>(() => (All with { Interval = TimeSpan.FromMilliseconds(milliseconds) }).Check()).ErrorId);

    [Fact]
    public void A_budget_is_more_than_nothing_and_a_group_counts_once()
    {
        AssertEach.Of(new[] { 0m, -1m }, budget => Assert.Equal(LeoErrorId.ValueOutOfRange, Assert.Throws<LeoException>(() => (All with { BudgetUsd = budget }).Check()).ErrorId));
        Assert.Equal([ExecutionGroup.Day, ExecutionGroup.Flow], (All with { GroupBy = [ExecutionGroup.Day, ExecutionGroup.Flow, ExecutionGroup.Day] }).Check().GroupBy);
    }

    [Fact]
    public void The_period_is_what_the_filter_and_the_parts_of_time_have_in_common()
    {
        Assert.Equal((null, null), All.Period(null, null, null));
        Assert.Equal((Day, Day.AddDays(1)), All.Period(Day, null, null));
        Assert.Equal((Day.AddHours(5), Day.AddHours(6)), All.Period(Day, Day.AddHours(5), null));
        MeasureRequest some = All with { Filter = new ExecutionFilter { After = Day.AddHours(2), Before = Day.AddHours(20) }, Interval = TimeSpan.FromHours(3) };
        Assert.Equal((Day.AddHours(2), Day.AddHours(20)), some.Period(null, null, null));
        Assert.Equal((Day.AddHours(2), Day.AddHours(3)), some.Period(Day, null, Day));
        Assert.Equal((Day.AddHours(18), Day.AddHours(20)), some.Period(Day, null, Day.AddHours(18)));
    }

    [Fact]
    public void The_last_day_of_all_ends_with_time()
    {
        DateTimeOffset last = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal((last, DateTimeOffset.MaxValue), All.Period(last, null, null));
    }
}
