using LeoPS.Handoffs;
using LeoPS.Ports;

namespace LeoPS.Units.Handoffs;

public sealed class HandoffQueryTests
{
    [Fact]
    public void Unless_told_otherwise_all_handoffs_are_meant_by_id()
    {
        var query = new HandoffQuery();

        Assert.Equal(new HandoffFilter(), query.Filter);
        Assert.Equal((HandoffOrder.Id, false, 0L), (query.OrderBy, query.Descending, query.Skip));
        Assert.Null(query.First);
        Assert.Null(query.ResumeAfter);
        Assert.Null(query.PageSize);
        Assert.Null(query.Filter.Ids ?? query.Filter.SessionIds);
        Assert.Null(query.Filter.SdIds);
        Assert.Null(query.Filter.Statuses);
        Assert.Null(query.Filter.After ?? query.Filter.Before);
        Assert.Null(query.Filter.Stuck);
        Assert.False(query.Filter.Latest);
    }

    [Fact]
    public void A_program_waits_thirty_seconds_for_a_lock_and_says_nothing()
    {
        CallContext context = CallContext.For("examples");

        Assert.Equal("examples", context.Caller);
        Assert.Equal(TimeSpan.FromSeconds(30), context.LockTimeout);
        Assert.Null(context.CommandTimeout);
        Assert.Null(context.Log);
    }
}
