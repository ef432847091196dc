using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class SelectionVerdictTests
{
    private static readonly StatusMove<ExecutionStatus> Cancel = new(ExecutionTransitions.Table, ExecutionStatus.Cancelled, false, "tired\nof it");

    [Theory]
    [InlineData(LeoErrorId.InvalidTransition, true)]
    [InlineData(LeoErrorId.StatusConflict, true)]
    [InlineData(LeoErrorId.NotFound, true)]
    [InlineData(LeoErrorId.Forbidden, false)]
    [InlineData(LeoErrorId.RowLocked, false)]
    [InlineData(LeoErrorId.ValueOutOfRange, false)]
    [InlineData(LeoErrorId.ConnectionLost, false)]
    public void What_is_not_selected_any_more_is_left_out_and_what_is_refused_is_told(LeoErrorId errorId, bool movedOn) =>
        Assert.Equal(movedOn, SelectionVerdict.MovedOn(ChangeOutcome<FlowExecution>.Failed(null, new LeoException(errorId, "x"))));

    [Fact]
    public void A_run_that_was_there_already_is_left_out_and_one_that_was_moved_is_not()
    {
        Assert.True(SelectionVerdict.MovedOn(ChangeOutcome<FlowExecution>.Unchanged(null, SampleExecution.Full())));
        Assert.False(SelectionVerdict.MovedOn(ChangeOutcome<FlowExecution>.Changed(null, SampleExecution.Full())));
    }

    [Fact]
    public void An_orphan_is_guarded_by_what_was_seen_and_gets_the_fate_of_its_owner_or_the_reason()
    {
        FlowExecution orphan = SampleExecution.Full();
        orphan.RawMetadata = """{"owner": {"host": "build-7", "pid": 4711, "evidence": "Lock"}}""";
        orphan.OrphanEvidence = OwnershipEvidence.Lock;
        ExecutionChange change = SelectionVerdict.Reap(orphan, null);
        Assert.Equal((orphan.Id, (RowGuard?)orphan.Guard, orphan), (change.Id, change.Guard, change.Source));
        Assert.Equal("The owner of the run, process 4711 on build-7, is gone (Lock).", change.Values.Error?.Message);
        Assert.Equal("tired of it", SelectionVerdict.Reap(orphan, Cancel.ReasonLine).Written(Cancel).Error?.Message);
    }

    [Fact]
    public void A_reason_is_the_error_message_of_a_run_that_has_none_of_its_own_and_makes_no_values()
    {
        var change = new ExecutionChange(Guid.NewGuid(), null, null, null, RunValues.None);
        Assert.False(change.HasValues);
        Assert.Equal("tired of it", change.Written(Cancel).Error?.Message);
        RunError own = RunError.Of("own", "T", "s")!;
        Assert.Equal(own, (change with { Values = new RunValues { Error = own } }).Written(Cancel).Error);
        Assert.Null(change.Written(Cancel with { Reason = " " }).Error);
        Assert.Null(change.Written(new StatusMove<ExecutionStatus>(ExecutionTransitions.Table, ExecutionStatus.Running, false, "why")).Error);
    }
}
