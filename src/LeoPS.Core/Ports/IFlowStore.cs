using LeoPS.Changes;
using LeoPS.Flows;
using LeoPS.Reading;

namespace LeoPS.Ports;

/// <summary>crewai_flows.</summary>
public interface IFlowStore
{
    /// <summary>Streams flows in chunks. An unreadable row is an item of its own and the stream goes on.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost; NotFound for ResumeAfter.</exception>
    IAsyncEnumerable<IReadOnlyList<ReadItem<Flow>>> ReadAsync(FlowQuery query, CallContext context, CancellationToken cancellationToken);

    /// <summary>Makes one batch of flows; one outcome per flow, in the order given. What is not given gets the table's default.</summary>
    /// <exception cref="LeoException">What concerns the whole batch: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.</exception>
    Task<IReadOnlyList<ChangeOutcome<Flow>>> CreateAsync(IReadOnlyList<NewFlow> batch, CallContext context, CancellationToken cancellationToken);

    /// <summary>Makes all of them in one transaction; where one fails, none is made, and <see cref="AtomicResult{TRow}.Committed"/> is false.</summary>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>.</exception>
    Task<AtomicResult<Flow>> CreateAtomicallyAsync(IReadOnlyList<NewFlow> flows, int batchSize, CallContext context, CancellationToken cancellationToken);

    /// <summary>Edits one batch and stamps updated_at; one outcome per edit, in the order given. Ids must differ, and all write the same columns.</summary>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>.</exception>
    Task<IReadOnlyList<ChangeOutcome<Flow>>> EditAsync(IReadOnlyList<FlowEdit> batch, CallContext context, CancellationToken cancellationToken);

    /// <summary>Edits all rows in one transaction; where one fails, none is changed, and <see cref="AtomicResult{TRow}.Committed"/> is false.</summary>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>.</exception>
    Task<AtomicResult<Flow>> EditAtomicallyAsync(IReadOnlyList<FlowEdit> edits, int batchSize, CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes one batch; one outcome per removal, in the order given, Changed with the flow as it was. The database deletes the executions of a flow with
    /// it, as far as the rules let it. Ids must differ.
    /// </summary>
    /// <param name="rules">What may go along.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="export">Takes each flow before its deletion is committed; one that cannot be written whole is not deleted. Null for no export.</param>
    /// <param name="executions">Takes the executions of each flow in the same way. Null for no export.</param>
    /// <param name="context">What the statements carry along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>; ExportFailed.</exception>
    Task<IReadOnlyList<ChangeOutcome<Flow>>> RemoveAsync(
        FlowRemovalRules rules,
        IReadOnlyList<FlowRemoval> batch,
        IRowExport<Flow>? export,
        IRowExport<FlowExecution>? executions,
        CallContext context,
        CancellationToken cancellationToken);

    /// <summary>Deletes all flows in one transaction; where one fails, none is deleted, and <see cref="AtomicResult{TRow}.Committed"/> is false.</summary>
    /// <exception cref="LeoException">As for <see cref="RemoveAsync"/>.</exception>
    Task<AtomicResult<Flow>> RemoveAtomicallyAsync(
        FlowRemovalRules rules,
        IReadOnlyList<FlowRemoval> removals,
        int batchSize,
        IRowExport<Flow>? export,
        IRowExport<FlowExecution>? executions,
        CallContext context,
        CancellationToken cancellationToken);

    /// <summary>The executions of each of these flows, in one statement.</summary>
    Task<IReadOnlyDictionary<Guid, FlowExecutionCount>> CountExecutionsAsync(
        IReadOnlyCollection<Guid> flowIds, CallContext context, CancellationToken cancellationToken);
}
