namespace LeoPS.Units.Errors;

public sealed class LeoErrorIdTests
{
    /// <summary>Scripts catch these by name: a name that goes missing breaks them.</summary>
    private const string Published =
        "NotConnected ConnectionFailed AuthenticationFailed SchemaMissing HistoryMissing InvalidIdentity NotFound InvalidTransition StatusConflict EditConflict "
        + "RowLocked Forbidden ReasonRequired NotReady DuplicateExecutionKey FlowNotFound FlowNotRunnable InvalidJson ValueOutOfRange ReferenceNotFound "
        + "ExecutionFailed ExecutionCancelled ExecutionTimedOut ExecutionStillRunning WaitTimedOut CommandTimedOut ReadOnlyConnection ConnectionLost "
        + "BatchRolledBack UnreadableRow SandboxFailed";

    [Fact]
    public void Every_published_id_is_there() => Assert.Empty(Published.Split(' ').Except(Enum.GetNames<LeoErrorId>()));
}
