namespace LeoPS.Units.Errors;

public sealed class LeoErrorIdTests
{
    /// <summary>Scripts catch these by name: a missing name breaks them, and a new one must be documented.</summary>
    private const string Published =
        "NotConnected ConnectionFailed AuthenticationFailed SchemaMissing HistoryMissing InvalidIdentity NotFound InvalidTransition StatusConflict EditConflict "
        + "RowLocked Forbidden ReasonRequired NotReady DuplicateExecutionKey FlowNotFound FlowNotRunnable InvalidJson ValueOutOfRange ReferenceNotFound "
        + "ExecutionFailed ExecutionCancelled ExecutionTimedOut ExecutionStillRunning WaitTimedOut CommandTimedOut ReadOnlyConnection ConnectionLost "
        + "BatchRolledBack UnreadableRow SandboxFailed ExportFailed DatabaseError TransactionLost FlowHasExecutions";

    [Fact]
    public void The_published_ids_are_those_of_the_enumeration() =>
        Assert.Equal(Published.Split(' ').Order(StringComparer.Ordinal), Enum.GetNames<LeoErrorId>().Order(StringComparer.Ordinal));
}
