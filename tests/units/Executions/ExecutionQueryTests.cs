using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class ExecutionQueryTests
{
    [Fact]
    public void Unless_told_otherwise_all_executions_are_meant_by_id()
    {
        var query = new ExecutionQuery();

        Assert.Equal(new ExecutionFilter(), query.Filter);
        Assert.Equal((ExecutionOrder.Id, false, 0L), (query.OrderBy, query.Descending, query.Skip));
        Assert.Null(query.First);
        Assert.Null(query.ResumeAfter);
        Assert.Null(query.PageSize);
    }

    [Fact]
    public void Only_ids_select_where_nothing_else_does()
    {
        ExecutionFilter ids = new() { Ids = [Guid.Empty] };

        Assert.True(ids.OnlyIds);
        Assert.True(new ExecutionFilter().OnlyIds);
        ExecutionFilter[] others =
        [
            ids with { FlowIds = [] }, ids with { FlowKeys = [] }, ids with { ExecutionKeys = [] }, ids with { Statuses = [] }, ids with { Modes = [] },
            ids with { BoardMeetingIds = [] }, ids with { ExecutedBy = [] }, ids with { After = DateTimeOffset.MinValue }, ids with { Before = DateTimeOffset.MinValue },
        ];
        AssertEach.Of(others, filter => Assert.False(filter.OnlyIds));
    }
}
