using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class RestartVerdictTests
{
    private static readonly RowGuard Stale = new(1, "failed", null);

    private static readonly RestartSight Free = new(SampleExecution.Full(), FlowIsThere: true, FlowStatus.Active, RestartedAs: null, TakesLink: true, Held: false, FlowHeld: false);

    [Fact]
    public void A_bare_id_that_nothing_stands_in_the_way_of_is_tried_again_and_an_object_is_Forbidden()
    {
        Assert.Equal(new Verdict(VerdictKind.LookAgain, null), Of(Free, guard: null));
        Failed(Of(Free), LeoErrorId.Forbidden);
    }

    [Fact]
    public void What_has_no_row_is_not_found_or_hidden() =>
        Assert.Contains("hidden from role authenticated", Failed(Of(default, guard: null), LeoErrorId.NotFound).Message, StringComparison.Ordinal);

    [Fact]
    public void A_row_that_moved_is_a_conflict_and_one_that_moved_between_two_looks_is_looked_at_again()
    {
        Failed(Of(Free, Stale), LeoErrorId.StatusConflict);
        Assert.Equal(VerdictKind.LookAgain, Of(Free, Stale, relooked: true).Kind);
    }

    [Theory]
    [InlineData(ExecutionStatus.Pending, "is Pending and has not ended")]
    [InlineData(ExecutionStatus.Running, "is Running and has not ended")]
    [InlineData(null, "has no status")]
    public void What_goes_on_is_not_restarted_and_force_does_not_help(ExecutionStatus? status, string said)
    {
        FlowExecution row = SampleExecution.Full();
        row.Status = status;
        foreach (bool force in new[] { false, true })
        {
            // Whatever else stands in the way.
            LeoException error = Failed(Of(Free with { Row = row, FlowIsThere = false, TakesLink = false, Held = true }, row.Guard, force: force), LeoErrorId.ExecutionStillRunning);
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_run_that_was_restarted_says_as_what_even_to_an_old_object_and_force_does_it_once_more()
    {
        RestartSight again = Free with { RestartedAs = "the-other" };
        foreach (RowGuard? guard in new RowGuard?[] { null, Stale, Free.Row!.Guard })
        {
            Assert.Contains("already, as the-other", Failed(Of(again, guard), LeoErrorId.StatusConflict).Message, StringComparison.Ordinal);
        }

        Assert.Equal(VerdictKind.LookAgain, Of(again, guard: null, force: true).Kind);
        Failed(Of(again, Stale, force: true), LeoErrorId.StatusConflict);
    }

    [Fact]
    public void The_flow_has_to_be_there_and_to_start()
    {
        Failed(Of(Free with { FlowIsThere = false, FlowStatus = null }, guard: null, force: true), LeoErrorId.FlowNotFound);
        foreach (FlowStatus? status in new FlowStatus?[] { FlowStatus.Archived, FlowStatus.Deprecated, null })
        {
            Assert.Contains("weekly-board-meeting is", Failed(Of(Free with { FlowStatus = status }, guard: null), LeoErrorId.FlowNotRunnable).Message, StringComparison.Ordinal);
            Assert.Equal(VerdictKind.LookAgain, Of(Free with { FlowStatus = status }, guard: null, force: true).Kind);
        }
    }

    [Fact]
    public void What_is_held_is_locked_and_a_flow_that_is_held_is_told_before_its_run()
    {
        Assert.Contains("Execution", Failed(Of(Free with { Held = true }), LeoErrorId.RowLocked).Message, StringComparison.Ordinal);
        Assert.Contains("Flow weekly-board-meeting", Failed(Of(Free with { Held = true, FlowHeld = true }), LeoErrorId.RowLocked).Message, StringComparison.Ordinal);
        Failed(Of(Free with { TakesLink = false, Held = true }), LeoErrorId.InvalidJson);
    }

    private static Verdict Of(RestartSight sight, bool force = false) => Of(sight, sight.Row!.Guard, force);

    private static Verdict Of(RestartSight sight, RowGuard? guard, bool force = false, bool relooked = false) => RestartVerdict.Of(
        new RunStartRules(ExecutionStatus.Running, KeyConflict.Fail, force), SampleExecution.Full().Id, guard, sight, "authenticated", TimeSpan.FromSeconds(30), relooked);

    private static LeoException Failed(Verdict verdict, LeoErrorId errorId)
    {
        Assert.Equal((VerdictKind.Failed, errorId), (verdict.Kind, verdict.Error?.ErrorId));
        return verdict.Error!;
    }
}
