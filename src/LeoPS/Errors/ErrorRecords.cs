using System.Management.Automation;

namespace LeoPS.Errors;

/// <summary>Makes error records of conditions: one ErrorId and one category each.</summary>
internal static class ErrorRecords
{
    public static ErrorRecord From(LeoException failure, object? target)
    {
        var record = new ErrorRecord(failure, failure.ErrorId.ToString(), CategoryOf(failure.ErrorId), Shown(target));
        record.CategoryInfo.TargetName = Redaction.Redact(record.CategoryInfo.TargetName);
        return record;
    }

    /// <summary>
    /// A text that was given may be a connection string that was pasted by mistake. A user's own object stays as it is, and so does a row as JSON:
    /// whoever corrects one and sends it again must get it back whole.
    /// </summary>
    private static object? Shown(object? target) => (target is PSObject wrapped ? wrapped.BaseObject : target) switch
    {
        string text when !text.AsSpan().TrimStart().StartsWith("{") => Redaction.Redact(text),
        _ => target,
    };

    private static ErrorCategory CategoryOf(LeoErrorId errorId) => errorId switch
    {
        LeoErrorId.NotConnected or LeoErrorId.ConnectionFailed or LeoErrorId.ConnectionLost or LeoErrorId.TransactionLost => ErrorCategory.ConnectionError,
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
