using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Reading;

namespace LeoPS.Ports;

/// <summary>exec_handoff_preparations.</summary>
public interface IHandoffStore
{
    /// <summary>Streams handoffs in chunks. An unreadable row is an item of its own and the stream goes on.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost; NotFound for ResumeAfter.</exception>
    IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> ReadAsync(HandoffQuery query, CallContext context, CancellationToken cancellationToken);

    /// <summary>How many handoffs match.</summary>
    Task<long> CountAsync(HandoffFilter filter, CallContext context, CancellationToken cancellationToken);

    /// <summary>Figures over the handoffs that match, one measure per group that has any, in the order of the groups; without groups one measure of all.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost; UnreadableRow for a status that is none.</exception>
    Task<IReadOnlyList<HandoffMeasure>> MeasureAsync(HandoffFilter filter, IReadOnlyList<HandoffGroup> groupBy, CallContext context, CancellationToken cancellationToken);

    /// <summary>Which of these SD ids or keys no directive and no handoff has.</summary>
    Task<IReadOnlyList<string>> FindUnknownSdsAsync(IReadOnlyList<string> sdIds, CallContext context, CancellationToken cancellationToken);

    /// <summary>Moves rows, a batch in one round trip; one outcome per change, in the order given. Ids must differ.</summary>
    /// <exception cref="LeoException">
    /// What concerns all rows: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.
    /// </exception>
    Task<BulkResult<HandoffPreparation>> ChangeAsync(
        StatusMove<HandoffStatus> move,
        IReadOnlyList<StatusChange<HandoffPreparation>> changes,
        BulkOptions options,
        CallContext context,
        CancellationToken cancellationToken);

    /// <summary>Moves every handoff that matches, in one statement; without <paramref name="returnRows"/> only the number comes back.</summary>
    /// <exception cref="LeoException">As for <see cref="ChangeAsync"/>.</exception>
    Task<SelectionResult<HandoffPreparation>> ChangeSelectionAsync(
        StatusMove<HandoffStatus> move, HandoffFilter filter, bool atomic, bool returnRows, CallContext context, CancellationToken cancellationToken);

    /// <summary>Makes rows, or puts them back; one outcome per draft, in the order given. Ids must differ.</summary>
    /// <exception cref="LeoException">
    /// What concerns all rows: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.
    /// </exception>
    Task<BulkResult<HandoffPreparation>> CreateAsync(
        DraftRules rules, IReadOnlyList<HandoffDraft> drafts, BulkOptions options, CallContext context, CancellationToken cancellationToken);

    /// <summary>Looks what stands in the way of drafts, without making any: one sight per draft, in the order given.</summary>
    Task<IReadOnlyList<DraftSight>> LookAsync(DraftRules rules, IReadOnlyList<HandoffDraft> drafts, CallContext context, CancellationToken cancellationToken);

    /// <summary>Edits rows; one outcome per edit, in the order given. Ids must differ.</summary>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>.</exception>
    Task<BulkResult<HandoffPreparation>> EditAsync(
        EditRules rules, IReadOnlyList<HandoffEdit> edits, BulkOptions options, CallContext context, CancellationToken cancellationToken);

    /// <summary>Deletes rows; one outcome per removal, in the order given, Changed with the row as it was. Ids must differ.</summary>
    /// <param name="removals">The rows.</param>
    /// <param name="options">How they are deleted.</param>
    /// <param name="export">Takes each row before its deletion is committed; a row that cannot be written whole is not deleted. Null for no export.</param>
    /// <param name="context">What the statements carry along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>; ExportFailed.</exception>
    Task<BulkResult<HandoffPreparation>> RemoveAsync(
        IReadOnlyList<RowRemoval> removals,
        BulkOptions options,
        IRowExport<HandoffPreparation>? export,
        CallContext context,
        CancellationToken cancellationToken);
}
