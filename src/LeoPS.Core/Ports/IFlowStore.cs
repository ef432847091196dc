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

    /// <summary>Makes flows; one outcome per flow, in the order given. What is not given gets the table's default.</summary>
    /// <exception cref="LeoException">
    /// What concerns all rows: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.
    /// </exception>
    Task<BulkResult<Flow>> CreateAsync(IReadOnlyList<NewFlow> flows, BulkOptions options, CallContext context, CancellationToken cancellationToken);

    /// <summary>Edits flows and stamps updated_at; one outcome per edit, in the order given. Ids must differ, and all write the same columns.</summary>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>.</exception>
    Task<BulkResult<Flow>> EditAsync(IReadOnlyList<FlowEdit> edits, BulkOptions options, CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes flows; one outcome per removal, in the order given, Changed with the flow as it was. The database deletes the executions of a flow with
    /// it, as far as the rules let it. Ids must differ.
    /// </summary>
    /// <param name="rules">What may go along.</param>
    /// <param name="removals">The flows.</param>
    /// <param name="options">How they are deleted.</param>
    /// <param name="export">Takes each flow before its deletion is committed; one that cannot be written whole is not deleted. Null for no export.</param>
    /// <param name="executions">Takes the executions of each flow in the same way. Null for no export.</param>
    /// <param name="context">What the statements carry along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>; ExportFailed.</exception>
    Task<BulkResult<Flow>> RemoveAsync(
        FlowRemovalRules rules,
        IReadOnlyList<FlowRemoval> removals,
        BulkOptions options,
        IRowExport<Flow>? export,
        IRowExport<FlowExecution>? executions,
        CallContext context,
        CancellationToken cancellationToken);

    /// <summary>The executions of each of these flows, in one statement.</summary>
    Task<IReadOnlyDictionary<Guid, FlowExecutionCount>> CountExecutionsAsync(
        IReadOnlyCollection<Guid> flowIds, CallContext context, CancellationToken cancellationToken);
}
