using LeoPS.Changes;
using LeoPS.Handoffs;

namespace LeoPS.Ports;

/// <summary>exec_handoff_preparations, as far as rows are made, edited and deleted.</summary>
public interface IHandoffContentStore
{
    /// <summary>Makes one batch, or puts it back; one outcome per draft, in the order given. Ids must differ.</summary>
    /// <exception cref="LeoException">What concerns the whole batch: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.</exception>
    Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> CreateAsync(
        DraftRules rules, IReadOnlyList<HandoffDraft> batch, CallContext context, CancellationToken cancellationToken);

    /// <summary>Makes all of them in one transaction; where one fails, none is made, and <see cref="AtomicResult{TRow}.Committed"/> is false.</summary>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>.</exception>
    Task<AtomicResult<HandoffPreparation>> CreateAtomicallyAsync(
        DraftRules rules, IReadOnlyList<HandoffDraft> drafts, int batchSize, CallContext context, CancellationToken cancellationToken);

    /// <summary>Looks what stands in the way of drafts, without making any: one sight per draft, in the order given.</summary>
    Task<IReadOnlyList<DraftSight>> LookAsync(DraftRules rules, IReadOnlyList<HandoffDraft> drafts, CallContext context, CancellationToken cancellationToken);

    /// <summary>Edits one batch; one outcome per edit, in the order given. Ids must differ.</summary>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>.</exception>
    Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> EditAsync(
        EditRules rules, IReadOnlyList<HandoffEdit> batch, CallContext context, CancellationToken cancellationToken);

    /// <summary>Edits all rows in one transaction; where one fails, none is edited, and <see cref="AtomicResult{TRow}.Committed"/> is false.</summary>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>.</exception>
    Task<AtomicResult<HandoffPreparation>> EditAtomicallyAsync(
        EditRules rules, IReadOnlyList<HandoffEdit> edits, int batchSize, CallContext context, CancellationToken cancellationToken);

    /// <summary>Deletes one batch; one outcome per removal, in the order given, Changed with the row as it was. Ids must differ.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="export">Takes each row before its deletion is committed; a row that cannot be written whole is not deleted. Null for no export.</param>
    /// <param name="context">What the statements carry along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LeoException">As for <see cref="CreateAsync"/>; ExportFailed.</exception>
    Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> RemoveAsync(
        IReadOnlyList<RowRemoval> batch, IRowExport<HandoffPreparation>? export, CallContext context, CancellationToken cancellationToken);

    /// <summary>Deletes all rows in one transaction; where one fails, none is deleted, and <see cref="AtomicResult{TRow}.Committed"/> is false.</summary>
    /// <exception cref="LeoException">As for <see cref="RemoveAsync"/>.</exception>
    Task<AtomicResult<HandoffPreparation>> RemoveAtomicallyAsync(
        IReadOnlyList<RowRemoval> removals, int batchSize, IRowExport<HandoffPreparation>? export, CallContext context, CancellationToken cancellationToken);
}
