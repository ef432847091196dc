using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Ports;

/// <summary>crewai_flow_executions, as far as ended runs are restarted and deleted.</summary>
public interface IExecutionContentStore
{
    /// <summary>
    /// Restarts one batch: each outcome is Changed with the new run, in the order given. The new run's metadata has restartedFrom, the old
    /// one's restartedAs, and neither is written without the other. Ids must differ.
    /// </summary>
    /// <exception cref="LeoException">What concerns the whole batch: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.</exception>
    Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> RestartAsync(
        RunStartRules rules, IReadOnlyList<RunRestart> batch, CallContext context, CancellationToken cancellationToken);

    /// <summary>Restarts all of them in one transaction; where one fails, none is restarted, and <see cref="AtomicResult{TRow}.Committed"/> is false.</summary>
    /// <exception cref="LeoException">As for <see cref="RestartAsync"/>.</exception>
    Task<AtomicResult<FlowExecution>> RestartAtomicallyAsync(
        RunStartRules rules, IReadOnlyList<RunRestart> restarts, int batchSize, CallContext context, CancellationToken cancellationToken);

    /// <summary>Looks what stands in the way of a restart, without making any.</summary>
    Task<RestartSight> LookAtRestartAsync(Guid id, CallContext context, CancellationToken cancellationToken);

    /// <summary>Deletes one batch; one outcome per removal, in the order given, Changed with the run as it was. Ids must differ.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="force">True where runs that have not ended are deleted, too.</param>
    /// <param name="export">Takes each run before its deletion is committed; one that cannot be written whole is not deleted. Null for no export.</param>
    /// <param name="context">What the statements carry along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LeoException">As for <see cref="RestartAsync"/>; ExportFailed.</exception>
    Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> RemoveAsync(
        IReadOnlyList<RowRemoval> batch, bool force, IRowExport<FlowExecution>? export, CallContext context, CancellationToken cancellationToken);

    /// <summary>Deletes all runs in one transaction; where one fails, none is deleted, and <see cref="AtomicResult{TRow}.Committed"/> is false.</summary>
    /// <exception cref="LeoException">As for <see cref="RemoveAsync"/>.</exception>
    Task<AtomicResult<FlowExecution>> RemoveAtomicallyAsync(
        IReadOnlyList<RowRemoval> removals, bool force, int batchSize, IRowExport<FlowExecution>? export, CallContext context, CancellationToken cancellationToken);

    /// <summary>Counts the runs of a selection.</summary>
    Task<long> CountAsync(ExecutionFilter filter, CallContext context, CancellationToken cancellationToken);

    /// <summary>The next runs of a selection that is to be deleted, in the order of their ids; none where there are no more. Only ids and guards travel.</summary>
    /// <param name="filter">The selection.</param>
    /// <param name="after">The last one that came; null at the beginning.</param>
    /// <param name="count">How many at the most.</param>
    /// <param name="context">What the statement carries along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<RowRemoval>> FindAsync(ExecutionFilter filter, Guid? after, int count, CallContext context, CancellationToken cancellationToken);
}
