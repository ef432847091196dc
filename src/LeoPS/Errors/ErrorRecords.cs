using System.Management.Automation;

namespace LeoPS.Errors;

/// <summary>Makes error records of conditions: one ErrorId and one category each.</summary>
internal static class ErrorRecords
{
    public static ErrorRecord From(LeoException failure, object? target) =>
        new(failure, failure.ErrorId.ToString(), CategoryOf(failure.ErrorId), Shown(target));

    /// <summary>What was given as text may be a connection string that was pasted by mistake, and the target is shown with the error.</summary>
    private static object? Shown(object? target) => target switch
    {
        string text => Redaction.Redact(text),
        PSObject { BaseObject: string text } => Redaction.Redact(text),
        _ => target,
    };

    private static ErrorCategory CategoryOf(LeoErrorId errorId) => errorId switch
    {
        LeoErrorId.NotConnected or LeoErrorId.ConnectionFailed or LeoErrorId.ConnectionLost => ErrorCategory.ConnectionError,
        LeoErrorId.AuthenticationFailed => ErrorCategory.AuthenticationError,
        LeoErrorId.SchemaMissing or LeoErrorId.HistoryMissing => ErrorCategory.NotInstalled,
        LeoErrorId.InvalidIdentity or LeoErrorId.ReasonRequired or LeoErrorId.ValueOutOfRange => ErrorCategory.InvalidArgument,
        LeoErrorId.NotFound or LeoErrorId.FlowNotFound or LeoErrorId.ReferenceNotFound => ErrorCategory.ObjectNotFound,
        LeoErrorId.InvalidTransition or LeoErrorId.NotReady or LeoErrorId.FlowNotRunnable or LeoErrorId.ExecutionStillRunning => ErrorCategory.InvalidOperation,
        LeoErrorId.StatusConflict or LeoErrorId.EditConflict => ErrorCategory.ResourceUnavailable,
        LeoErrorId.RowLocked => ErrorCategory.ResourceBusy,
        LeoErrorId.Forbidden or LeoErrorId.ReadOnlyConnection => ErrorCategory.PermissionDenied,
        LeoErrorId.DuplicateExecutionKey => ErrorCategory.ResourceExists,
        LeoErrorId.InvalidJson or LeoErrorId.UnreadableRow => ErrorCategory.InvalidData,
        LeoErrorId.WaitTimedOut or LeoErrorId.CommandTimedOut or LeoErrorId.ExecutionTimedOut => ErrorCategory.OperationTimeout,
        LeoErrorId.ExecutionCancelled or LeoErrorId.BatchRolledBack => ErrorCategory.OperationStopped,
        LeoErrorId.ExportFailed => ErrorCategory.WriteError,
        LeoErrorId.SandboxFailed => ErrorCategory.ResourceUnavailable,
        _ => ErrorCategory.NotSpecified,
    };
}
