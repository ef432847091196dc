using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class InvokedEndTests
{
    private static readonly FlowExecution Run = SampleExecution.Full();

    private static readonly OwnershipEnd Lost = new(null, "the connection was lost", Lost: true);

    [Theory]
    [InlineData(BlockEnd.Finished, StopCause.None, ExecutionStatus.Completed, false)]
    // It was done before anybody could stop it.
    [InlineData(BlockEnd.Finished, StopCause.Timeout, ExecutionStatus.Completed, false)]
    [InlineData(BlockEnd.Finished, StopCause.Call, ExecutionStatus.Completed, false)]
    [InlineData(BlockEnd.Failed, StopCause.None, ExecutionStatus.Failed, true)]
    [InlineData(BlockEnd.Stopped, StopCause.ErrorAction, ExecutionStatus.Failed, false)]
    [InlineData(BlockEnd.Stopped, StopCause.Timeout, ExecutionStatus.Timeout, true)]
    // What is stopped often fails of it.
    [InlineData(BlockEnd.Failed, StopCause.Timeout, ExecutionStatus.Timeout, true)]
    [InlineData(BlockEnd.Failed, StopCause.Call, ExecutionStatus.Cancelled, false)]
    [InlineData(BlockEnd.Stopped, StopCause.Call, ExecutionStatus.Cancelled, false)]
    [InlineData(BlockEnd.Stopped, StopCause.None, ExecutionStatus.Cancelled, false)]
    [InlineData(BlockEnd.Stopped, StopCause.Downstream, ExecutionStatus.Cancelled, false)]
    [InlineData(BlockEnd.Failed, StopCause.Downstream, ExecutionStatus.Cancelled, false)]
    public void What_the_run_becomes(BlockEnd end, StopCause cause, ExecutionStatus status, bool mayRetry)
    {
        InvokedEnd decided = InvokedEnd.Of(Run, end, cause, null, TimeSpan.FromMinutes(15));
        Assert.Equal((status, mayRetry), (decided.Status, decided.MayRetry));
        Assert.Equal(status == ExecutionStatus.Timeout ? LeoErrorId.ExecutionTimedOut : null, decided.Error?.ErrorId);
        // The block's own error has its own words.
        Assert.Equal(status is ExecutionStatus.Completed or ExecutionStatus.Failed, decided.Message is null);
    }

    [Fact]
    public void A_timeout_says_how_long_it_was()
    {
        InvokedEnd decided = InvokedEnd.Of(Run, BlockEnd.Stopped, StopCause.Timeout, null, TimeSpan.FromSeconds(90));
        Assert.Equal("The block ran longer than 1 min 30 s.", decided.Message);
        Assert.Contains(Run.ExecutionKey, decided.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExecutionStatus.Cancelled, LeoErrorId.ExecutionCancelled)]
    [InlineData(ExecutionStatus.Timeout, LeoErrorId.ExecutionTimedOut)]
    [InlineData(ExecutionStatus.Failed, LeoErrorId.ExecutionFailed)]
    [InlineData(ExecutionStatus.Pending, LeoErrorId.ExecutionCancelled)]
    [InlineData(null, LeoErrorId.ExecutionCancelled)]
    public void What_others_have_ended_is_not_written_and_told(ExecutionStatus? status, LeoErrorId errorId)
    {
        foreach (BlockEnd end in Enum.GetValues<BlockEnd>())
        {
            InvokedEnd decided = InvokedEnd.Of(Run, end, end == BlockEnd.Stopped ? StopCause.Over : StopCause.None, new OwnershipEnd(status, "somebody did it"), null);
            Assert.Equal((null, errorId, false), (decided.Status, decided.Error?.ErrorId, decided.MayRetry));
            Assert.Contains("somebody did it", decided.Error!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_was_completed_already_is_neither_written_nor_an_error()
    {
        foreach (BlockEnd end in Enum.GetValues<BlockEnd>())
        {
            InvokedEnd decided = InvokedEnd.Of(Run, end, StopCause.None, new OwnershipEnd(ExecutionStatus.Completed, "somebody moved it to Completed"), null);
            Assert.Equal((null, null, null), (decided.Status, decided.Error, decided.Message));
        }
    }

    [Fact]
    public void A_run_whose_ownership_was_lost_fails_if_it_can_still_be_told()
    {
        InvokedEnd decided = InvokedEnd.Of(Run, BlockEnd.Stopped, StopCause.Over, Lost, null);
        Assert.Equal((ExecutionStatus.Failed, LeoErrorId.ConnectionLost), (decided.Status, decided.Error?.ErrorId));
        Assert.Contains("the connection was lost", decided.Message, StringComparison.Ordinal);
        // It came to its end all the same, and nobody knows better yet.
        Assert.Equal(ExecutionStatus.Completed, InvokedEnd.Of(Run, BlockEnd.Finished, StopCause.Over, Lost, null).Status);
    }
}
