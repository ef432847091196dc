using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class RetentionRulesTests
{
    private static readonly TimeSpan Age = TimeSpan.FromDays(90);

    [Fact]
    public void No_age_is_none_even_by_force() =>
        Assert.Equal(LeoErrorId.ValueOutOfRange, Assert.Throws<LeoException>(() => RetentionRules.Check(TimeSpan.Zero, null, force: true)).ErrorId);

    [Theory]
    [InlineData(ExecutionStatus.Pending)]
    [InlineData(ExecutionStatus.Running)]
    public void What_has_not_ended_is_meant_by_force_alone(ExecutionStatus status)
    {
        LeoException error = Assert.Throws<LeoException>(() => RetentionRules.Check(Age, [ExecutionStatus.Failed, status], force: false));
        Assert.Equal(LeoErrorId.ExecutionStillRunning, error.ErrorId);
        Assert.Contains($"that are {status} have not", error.Message, StringComparison.Ordinal);
        Assert.True(RetentionRules.Check(Age, [status], force: true));
        Assert.True(RetentionRules.Check(Age, null, force: false));
    }

    [Fact]
    public void Without_statuses_the_ended_are_meant_and_by_force_all()
    {
        Assert.Equal(
            [ExecutionStatus.Completed, ExecutionStatus.Failed, ExecutionStatus.Cancelled, ExecutionStatus.Timeout], RetentionRules.Filter(Age, null, null, force: false).Statuses);
        Assert.Null(RetentionRules.Filter(Age, null, null, force: true).Statuses);
        Assert.Equal([ExecutionStatus.Failed], RetentionRules.Filter(Age, [ExecutionStatus.Failed], null, force: true).Statuses);
    }
}
