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
}
