using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class ClaimVerdictTests
{
    private static readonly Guid Run = new("99999999-7425-40de-944b-e07fc1f90ae7");

    private static readonly QueueSight Empty = new(1, FlowStatus.Active, 0, null, null);

    private static readonly QueueSight Free = Empty with { Waiting = 1, FreeId = Run, FreeLabel = $"{Run} (WEEKLY-1)" };

    [Fact]
    public void An_empty_queue_is_nothing_to_speak_of()
    {
        Assert.Null(Of("weekly", Empty));
        Assert.Null(Of(null, Empty with { Flows = 0, FlowStatus = null }));
        // What waits is held by other workers.
        Assert.Null(Of("weekly", Empty with { Waiting = 3 }));
    }

    [Fact]
    public void A_flow_that_was_named_in_full_and_is_not_there_is_an_error_and_a_pattern_that_finds_none_is_not()
    {
        QueueSight none = Empty with { Flows = 0, FlowStatus = null };
        Assert.Equal(LeoErrorId.FlowNotFound, Of("weekly", none)?.Error?.ErrorId);
        Assert.Equal(LeoErrorId.FlowNotFound, Of("weekly`*", none)?.Error?.ErrorId);
        Assert.Null(Of("weekly*", none));
    }

    [Theory]
    [InlineData(FlowStatus.Archived)]
    [InlineData(FlowStatus.Deprecated)]
    [InlineData(null)]
    public void A_flow_that_was_named_in_full_and_does_not_start_is_an_error_without_force(FlowStatus? status)
    {
        QueueSight sight = Empty with { FlowStatus = status };
        Assert.Equal(LeoErrorId.FlowNotRunnable, Of("weekly", sight)?.Error?.ErrorId);
        Assert.Null(Of("weekly*", sight));
        Assert.Null(Of("weekly", sight, force: true));
    }

    [Fact]
    public void A_free_run_is_tried_once_more_and_is_Forbidden_where_the_same_one_stays_free()
    {
        Assert.Equal(new Verdict(VerdictKind.LookAgain, null), Of(null, Free));
        Assert.Equal(new Verdict(VerdictKind.LookAgain, null), Of(null, Free, before: Guid.NewGuid()));
        LeoException error = Of(null, Free, before: Run)!.Value.Error!;
        Assert.Equal(LeoErrorId.Forbidden, error.ErrorId);
        AssertEach.Of(["WEEKLY-1", "Role worker"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void An_empty_key_is_refused(string key) =>
        Assert.Equal(LeoErrorId.InvalidIdentity, Assert.Throws<LeoException>(() => Claim(key, false).Check()).ErrorId);

    [Fact]
    public void A_key_that_no_column_holds_is_no_flows_key() =>
        Assert.Equal(LeoErrorId.FlowNotFound, Assert.Throws<LeoException>(() => Claim("a\0b", false).Check()).ErrorId);

    private static RunClaim Claim(string? flowKey, bool force) =>
        new(new RunStartRules(ExecutionStatus.Running, KeyConflict.Fail, force), 1, flowKey, RunValues.None);

    private static Verdict? Of(string? flowKey, QueueSight sight, Guid? before = null, bool force = false) =>
        ClaimVerdict.Of(Claim(flowKey, force), sight, before, "worker");
}
