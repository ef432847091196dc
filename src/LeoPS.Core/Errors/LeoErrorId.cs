namespace LeoPS;

/// <summary>The conditions LeoPS reports, one id each. A FullyQualifiedErrorId begins with the member's name.</summary>
public enum LeoErrorId
{
    /// <summary>No connection is open for this runspace and none may be opened implicitly.</summary>
    NotConnected,

    /// <summary>The server could not be reached, or the database does not exist.</summary>
    ConnectionFailed,

    /// <summary>The server refused the user name or the password.</summary>
    AuthenticationFailed,

    /// <summary>A table or column that the command needs is not in the database.</summary>
    SchemaMissing,

    /// <summary>The history of status changes is not installed.</summary>
    HistoryMissing,

    /// <summary>A piped object or text does not identify a row.</summary>
    InvalidIdentity,

    /// <summary>No visible row has this id or key.</summary>
    NotFound,

    /// <summary>The transition table has no way from the row's status to the one asked for.</summary>
    InvalidTransition,

    /// <summary>The row changed since it was read, or its id came twice.</summary>
    StatusConflict,

    /// <summary>The row's content changed since it was read.</summary>
    EditConflict,

    /// <summary>Another transaction held the row longer than the lock timeout.</summary>
    RowLocked,

    /// <summary>The row can be read, and the database does not let this role change it.</summary>
    Forbidden,

    /// <summary>The move needs a reason.</summary>
    ReasonRequired,

    /// <summary>The handoff does not pass its readiness test.</summary>
    NotReady,

    /// <summary>A run with this execution key exists already.</summary>
    DuplicateExecutionKey,

    /// <summary>No visible flow has this key or id.</summary>
    FlowNotFound,

    /// <summary>The flow's status does not allow it to start.</summary>
    FlowNotRunnable,

    /// <summary>A text is not JSON, or a value cannot become JSON.</summary>
    InvalidJson,

    /// <summary>The database's type or check refuses the value.</summary>
    ValueOutOfRange,

    /// <summary>A row that this one refers to does not exist.</summary>
    ReferenceNotFound,

    /// <summary>The awaited run failed.</summary>
    ExecutionFailed,

    /// <summary>The awaited run was cancelled.</summary>
    ExecutionCancelled,

    /// <summary>The awaited run timed out.</summary>
    ExecutionTimedOut,

    /// <summary>The run is still going.</summary>
    ExecutionStillRunning,

    /// <summary>The wait itself ran out of time.</summary>
    WaitTimedOut,

    /// <summary>The statement took longer than the command timeout.</summary>
    CommandTimedOut,

    /// <summary>The connection was opened read-only.</summary>
    ReadOnlyConnection,

    /// <summary>The connection broke while the command ran.</summary>
    ConnectionLost,

    /// <summary>The session of an open transaction ended before COMMIT; all of the transaction was rolled back.</summary>
    TransactionLost,

    /// <summary>The flow has executions, which would be deleted with it.</summary>
    FlowHasExecutions,

    /// <summary>The batch was rolled back as a whole.</summary>
    BatchRolledBack,

    /// <summary>One value of the row cannot be represented.</summary>
    UnreadableRow,

    /// <summary>The file to which rows are exported exists already, or cannot be written.</summary>
    ExportFailed,

    /// <summary>The local sandbox server could not be started, found or stopped.</summary>
    SandboxFailed,

    /// <summary>The database refused the statement for a reason that has no id of its own; SqlState tells which.</summary>
    DatabaseError,
}
