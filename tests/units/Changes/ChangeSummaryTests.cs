namespace LeoPS.Units.Changes;

public sealed class ChangeSummaryTests
{
    [Fact]
    public void Nothing_is_nothing()
    {
        var summary = new ChangeSummary();

        Assert.Equal((0L, 0L, 0L, 0L), (summary.Total, summary.Changed, summary.Unchanged, summary.Failed));
        Assert.Empty(summary.FailedByErrorId);
        Assert.Equal(TimeSpan.Zero, summary.Elapsed);
    }

    [Fact]
    public void Failures_are_counted_by_their_id()
    {
        var summary = new ChangeSummary { Elapsed = TimeSpan.FromSeconds(2) };
        summary.CountChanged();
        summary.CountChanged(4312);
        summary.CountUnchanged();
        summary.CountFailed(LeoErrorId.StatusConflict);
        summary.CountFailed(LeoErrorId.NotFound);
        summary.CountFailed(LeoErrorId.StatusConflict);

        Assert.Equal((4317L, 4313L, 1L, 3L), (summary.Total, summary.Changed, summary.Unchanged, summary.Failed));
        Assert.Equal([KeyValuePair.Create("NotFound", 1), KeyValuePair.Create("StatusConflict", 2)], summary.FailedByErrorId);
        Assert.Equal(TimeSpan.FromSeconds(2), summary.Elapsed);
    }

    [Property]
    public bool The_parts_add_up(byte changed, byte unchanged, LeoErrorId[] failures)
    {
        var summary = new ChangeSummary();
        summary.CountChanged(changed);
        for (int i = 0; i < unchanged; i++)
        {
            summary.CountUnchanged();
        }

        Array.ForEach(failures, summary.CountFailed);
        return summary.Total == changed + unchanged + failures.Length
            && summary.Total == summary.Changed + summary.Unchanged + summary.Failed
            && summary.FailedByErrorId.Values.Sum() == failures.Length
            && summary.FailedByErrorId.Keys.All(name => failures.Contains(Enum.Parse<LeoErrorId>(name)));
    }
}
