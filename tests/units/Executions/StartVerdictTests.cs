using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class StartVerdictTests
{
    private static readonly Guid OtherFlow = new("99999999-7425-40de-944b-e07fc1f90ae7");

    private static readonly RunStart ByKey = new() { FlowKey = "weekly-board-meeting", ExecutionKey = "WEEKLY-1" };

    private static readonly RunStart ById = new() { FlowId = SampleExecution.FlowId, ExecutionKey = "WEEKLY-1" };

    private static readonly StartSight Free = new(SampleExecution.FlowId, "weekly-board-meeting", FlowStatus.Active, null, SameInput: false, FlowHeld: false);

    private static readonly StartSight Taken = Free with { Existing = SampleExecution.Full(), SameInput = true };

    [Theory]
    [InlineData(FlowStatus.Draft)]
    [InlineData(FlowStatus.Active)]
    public void Where_nothing_stands_in_the_way_it_is_tried_again(FlowStatus status) =>
        Assert.Equal(new Verdict(VerdictKind.LookAgain, null), Of(ByKey, Free with { FlowStatus = status }));

    [Fact]
    public void A_flow_that_is_not_visible_is_not_found_or_hidden()
    {
        StartSight none = new(null, null, null, null, SameInput: false, FlowHeld: false);

        Assert.Contains("weekly-board-meeting", Failed(Of(ByKey, none), LeoErrorId.FlowNotFound).Message, StringComparison.Ordinal);
        Assert.Contains(SampleExecution.FlowId.ToString(), Failed(Of(ById, none, force: true), LeoErrorId.FlowNotFound).Message, StringComparison.Ordinal);
        Assert.Contains("hidden from role authenticated", Failed(Of(ByKey, none with { FlowHeld = true }), LeoErrorId.FlowNotFound).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FlowStatus.Archived, "is Archived")]
    [InlineData(FlowStatus.Deprecated, "is Deprecated")]
    [InlineData(null, "is without a status")]
    public void A_flow_of_another_status_starts_by_force_alone(FlowStatus? status, string said)
    {
        LeoException error = Failed(Of(ById, Free with { FlowStatus = status }), LeoErrorId.FlowNotRunnable);

        // By its key, even where it was named by its id.
        AssertEach.Of(["weekly-board-meeting " + said, "Draft and Active", "-Force"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Failed(Of(ByKey, Free with { FlowStatus = status, FlowHeld = true }), LeoErrorId.FlowNotRunnable);
        Assert.Equal(VerdictKind.LookAgain, Of(ByKey, Free with { FlowStatus = status }, force: true).Kind);
    }

    [Fact]
    public void A_held_flow_is_locked()
    {
        LeoException error = Failed(Of(ByKey, Free with { FlowHeld = true }), LeoErrorId.RowLocked);

        AssertEach.Of(["Flow weekly-board-meeting", "30 s"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_taken_key_fails_whatever_else_there_is()
    {
        foreach (StartSight sight in new[] { Taken, Taken with { FlowId = null }, Taken with { FlowStatus = FlowStatus.Archived }, Taken with { FlowHeld = true }, Taken with { SameInput = false } })
        {
            LeoException error = Failed(Of(ByKey, sight, force: true), LeoErrorId.DuplicateExecutionKey);
            AssertEach.Of([Taken.Existing!.Id.ToString(), "WEEKLY-1", "Failed", "-OnConflict UseExisting"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        }

        RunStartRules never = Rules(KeyConflict.Fail, force: false) with { MayTakeExisting = false };
        string advice = Failed(StartVerdict.Of(never, ByKey, Taken, "authenticated", TimeSpan.Zero), LeoErrorId.DuplicateExecutionKey).Message;
        Assert.Equal((false, true), (advice.Contains("-OnConflict", StringComparison.Ordinal), advice.Contains("choose another key", StringComparison.Ordinal)));
        Assert.Contains("without a status", Failed(Of(ByKey, Taken with { Existing = SampleExecution.Bare() }), LeoErrorId.DuplicateExecutionKey).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseExisting_takes_a_run_of_the_same_flow_and_input_whatever_became_of_the_flow()
    {
        foreach (RunStart start in new[] { ByKey, ById, ById with { FlowKey = "only a label" } })
        {
            Assert.Equal(new Verdict(VerdictKind.AlreadyThere, null), Of(start, Taken, KeyConflict.UseExisting));
            Assert.Equal(VerdictKind.AlreadyThere, Of(start, Taken with { FlowStatus = FlowStatus.Archived, FlowHeld = true }, KeyConflict.UseExisting).Kind);
        }

        // A flow that is hidden by now is still known by its id.
        Assert.Equal(VerdictKind.AlreadyThere, Of(ById, Taken with { FlowId = null, FlowKey = null, FlowStatus = null }, KeyConflict.UseExisting).Kind);
    }

    [Fact]
    public void UseExisting_refuses_a_run_of_another_flow_first_and_of_another_input_then()
    {
        StartSight other = Taken with { FlowId = OtherFlow, FlowKey = "other" };
        LeoException flow = Failed(Of(ByKey with { FlowKey = "other" }, other with { SameInput = false }, KeyConflict.UseExisting), LeoErrorId.DuplicateExecutionKey);

        Assert.Contains("a run of flow weekly-board-meeting and not of other", flow.Message, StringComparison.Ordinal);
        Failed(Of(ById with { FlowId = OtherFlow }, other, KeyConflict.UseExisting), LeoErrorId.DuplicateExecutionKey);
        // A label beside an id does not make it another flow, nor the same.
        Failed(Of(ById with { FlowId = OtherFlow, FlowKey = "weekly-board-meeting" }, other, KeyConflict.UseExisting), LeoErrorId.DuplicateExecutionKey);
        Failed(Of(ByKey with { FlowKey = "gone" }, Taken with { FlowId = null }, KeyConflict.UseExisting), LeoErrorId.DuplicateExecutionKey);
        Assert.Contains("another input", Failed(Of(ByKey, Taken with { SameInput = false }, KeyConflict.UseExisting), LeoErrorId.DuplicateExecutionKey).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hidden_run_that_has_the_key_is_told_as_that()
    {
        LeoException error = StartVerdict.HiddenKey("WEEKLY-1", "authenticated");

        Assert.Equal(LeoErrorId.DuplicateExecutionKey, error.ErrorId);
        AssertEach.Of(["WEEKLY-1", "hidden from role authenticated"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Rules_move_queued_runs_by_the_one_table()
    {
        Assert.Equal([ExecutionStatus.Pending], Rules(KeyConflict.Fail, force: false).Move.Moves.Select(m => m.From));
        Assert.Equal(5, Rules(KeyConflict.Fail, force: true).Move.Moves.Count);
        Assert.Equal([FlowStatus.Draft, FlowStatus.Active], RunStartRules.Runnable);
    }

    private static LeoException Failed(Verdict verdict, LeoErrorId errorId)
    {
        Assert.Equal((VerdictKind.Failed, errorId), (verdict.Kind, verdict.Error?.ErrorId));
        return verdict.Error!;
    }

    private static Verdict Of(RunStart start, StartSight sight, KeyConflict onConflict = KeyConflict.Fail, bool force = false) =>
        StartVerdict.Of(Rules(onConflict, force), start, sight, "authenticated", TimeSpan.FromSeconds(30));

    private static RunStartRules Rules(KeyConflict onConflict, bool force) => new(ExecutionStatus.Running, onConflict, force);
}
