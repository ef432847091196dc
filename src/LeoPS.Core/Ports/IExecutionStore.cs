using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Reading;

namespace LeoPS.Ports;

/// <summary>crewai_flow_executions.</summary>
public interface IExecutionStore
{
    /// <summary>Streams executions in chunks. An unreadable row is an item of its own and the stream goes on.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost; NotFound for ResumeAfter.</exception>
    IAsyncEnumerable<IReadOnlyList<ReadItem<FlowExecution>>> ReadAsync(ExecutionQuery query, CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Starts runs: each change is a <see cref="RunStart"/> for a new run, or an <see cref="ExecutionChange"/> for one that was queued.
    /// One outcome per change, in the order given; Unchanged for a run that was there already.
    /// </summary>
    /// <exception cref="LeoException">
    /// What concerns all rows: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.
    /// </exception>
    Task<BulkResult<FlowExecution>> StartAsync(
        RunStartRules rules, IReadOnlyList<IRowChange<Guid>> changes, BulkOptions options, CallContext context, CancellationToken cancellationToken);

    /// <summary>The columns that the table has: it may lack those of <see cref="Governance"/>. Looked at once per call.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost.</exception>
    Task<IReadOnlyList<string>> GetColumnsAsync(CallContext context, CancellationToken cancellationToken);

    /// <summary>Looks what stands in the way of new runs, without making any: one sight per start, in the order given.</summary>
    Task<IReadOnlyList<StartSight>> LookAsync(IReadOnlyList<RunStart> starts, CallContext context, CancellationToken cancellationToken);

    /// <summary>Computes figures: one measure of all, or one of each group that has runs, in the order of the groups.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost; UnreadableRow for a group by a status or mode that is none.</exception>
    Task<IReadOnlyList<ExecutionMeasure>> MeasureAsync(MeasureRequest request, CallContext context, CancellationToken cancellationToken);

    /// <summary>Looks which of some runs have ended, or are not there, in the order given; those that go on are left out. One statement, however many they are.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost.</exception>
    Task<IReadOnlyList<WaitedRun>> LookForEndsAsync(IReadOnlyList<Guid> ids, CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Starts the oldest queued runs that nobody else takes, the oldest first; none where the queue is empty. Two claims never take the same
    /// run. This process owns what it claims, except in a transaction, which keeps it by itself. One Failed outcome, and nothing else, where
    /// the flow that is named does not start, or the runs may not be changed. Ends after each statement that has started or refused runs, so
    /// that the caller has them before anything else can fail; the rest is claimed by another call.
    /// </summary>
    /// <exception cref="LeoException">As for <see cref="StartAsync"/>.</exception>
    Task<ClaimStep> ClaimAsync(RunClaim claim, CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Starts one new run and owns it: whoever can see the run can tell that its owner is there. Forbidden, and no run, where the role could
    /// never end it.
    /// </summary>
    /// <exception cref="LeoException">As for <see cref="StartAsync"/>; NestedTransaction where the store is one of a transaction.</exception>
    Task<OwnedStart> StartOwnedAsync(RunStartRules rules, RunStart start, CallContext context, CancellationToken cancellationToken);

    /// <summary>The ownership of a run that this process owns on this database; null where it does not.</summary>
    IOwnedRun? FindOwned(Guid id);

    /// <summary>Looks at the queue that a claim would take from, without taking anything.</summary>
    Task<QueueSight> LookAtQueueAsync(RunClaim claim, CallContext context, CancellationToken cancellationToken);

    /// <summary>Moves runs; one outcome per change, in the order given. Ids must differ.</summary>
    /// <exception cref="LeoException">As for <see cref="StartAsync"/>.</exception>
    Task<BulkResult<FlowExecution>> ChangeAsync(
        StatusMove<ExecutionStatus> move,
        IReadOnlyList<ExecutionChange> changes,
        BulkOptions options,
        CallContext context,
        CancellationToken cancellationToken);

    /// <summary>
    /// Edits runs without moving them; one outcome per edit, in the order given. Ids must differ. A run that is over its budget with
    /// it is ended by the same statement: its outcome is Changed, with the error ExecutionCancelled.
    /// </summary>
    /// <param name="edits">The edits.</param>
    /// <param name="force">True where runs that have ended are edited, too.</param>
    /// <param name="options">How they are written.</param>
    /// <param name="context">What the statements carry along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LeoException">As for <see cref="StartAsync"/>.</exception>
    Task<BulkResult<FlowExecution>> EditAsync(
        IReadOnlyList<ExecutionEdit> edits, bool force, BulkOptions options, CallContext context, CancellationToken cancellationToken);

    /// <summary>How many executions match. For orphans it looks twice.</summary>
    Task<long> CountAsync(ExecutionFilter filter, CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Moves every execution that matches and that the move is open to, batch by batch, each a transaction; the next one is sent when it is asked
    /// for. A run that moved on before its turn is left out. An orphan is moved only while its owner cannot come back; where the move has no
    /// reason, the run gets the fate of its owner as its error message.
    /// </summary>
    /// <exception cref="LeoException">As for <see cref="StartAsync"/>.</exception>
    IAsyncEnumerable<IReadOnlyList<ChangeOutcome<FlowExecution>>> ChangeSelectedAsync(
        StatusMove<ExecutionStatus> move, ExecutionFilter filter, int batchSize, CallContext context, CancellationToken cancellationToken);

    /// <summary>The same in one transaction; where one fails, none is changed, and <see cref="BulkResult{TRow}.Committed"/> is false.</summary>
    /// <exception cref="LeoException">As for <see cref="StartAsync"/>.</exception>
    Task<BulkResult<FlowExecution>> ChangeSelectedAtomicallyAsync(
        StatusMove<ExecutionStatus> move, ExecutionFilter filter, int batchSize, CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Restarts runs: each outcome is Changed with the new run, in the order given. The new run's metadata has restartedFrom, the old
    /// one's restartedAs, and neither is written without the other. Ids must differ.
    /// </summary>
    /// <exception cref="LeoException">
    /// What concerns all rows: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.
    /// </exception>
    Task<BulkResult<FlowExecution>> RestartAsync(
        RunStartRules rules, IReadOnlyList<RunRestart> restarts, BulkOptions options, CallContext context, CancellationToken cancellationToken);

    /// <summary>Looks what stands in the way of a restart, without making any.</summary>
    Task<RestartSight> LookAtRestartAsync(Guid id, CallContext context, CancellationToken cancellationToken);

    /// <summary>Deletes runs; one outcome per removal, in the order given, Changed with the run as it was. Ids must differ.</summary>
    /// <param name="removals">The runs.</param>
    /// <param name="force">True where runs that have not ended are deleted, too.</param>
    /// <param name="options">How they are deleted.</param>
    /// <param name="export">Takes each run before its deletion is committed; one that cannot be written whole is not deleted. Null for no export.</param>
    /// <param name="context">What the statements carry along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LeoException">As for <see cref="RestartAsync"/>; ExportFailed.</exception>
    Task<BulkResult<FlowExecution>> RemoveAsync(
        IReadOnlyList<RowRemoval> removals,
        bool force,
        BulkOptions options,
        IRowExport<FlowExecution>? export,
        CallContext context,
        CancellationToken cancellationToken);

    /// <summary>The next runs of a selection that is to be deleted, in the order of their ids; none where there are no more. Only ids and guards travel.</summary>
    /// <param name="filter">The selection.</param>
    /// <param name="after">The last one that came; null at the beginning.</param>
    /// <param name="count">How many at the most.</param>
    /// <param name="context">What the statement carries along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<RowRemoval>> FindAsync(ExecutionFilter filter, Guid? after, int count, CallContext context, CancellationToken cancellationToken);
}
