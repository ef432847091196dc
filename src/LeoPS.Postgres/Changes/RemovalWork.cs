using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.Postgres.Statements;
using LeoPS.Statuses;

namespace LeoPS.Postgres.Changes;

/// <summary>A batch of removals. With an export, its lines are on the disk before the deletion is committed.</summary>
/// <param name="statements">The statements of the table.</param>
/// <param name="export">Takes the rows; null for no export.</param>
/// <param name="atOnce">True where each batch is written to it by itself; false where its owner does so before the commit of many, and only what cannot be written is kept back here.</param>
/// <param name="role">The role in force, for messages.</param>
internal sealed class RemovalWork<TRow, TStatus>(IRemovalStatements<TRow> statements, IRowExport<TRow>? export, bool atOnce, string role)
    : GuardedWork<RowRemoval, TRow, TStatus>(statements.Noun, role)
    where TRow : class, IStatusRow<TStatus>
    where TStatus : struct, Enum
{
    private readonly ExportedRemoval<RowRemoval, TRow> _removal = new(statements.DeleteAsync, row => row.Id, export, atOnce);

    public override TableCommand Command => TableCommand.Delete;

    public override Task<IReadOnlyList<Written<TRow>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RowRemoval>> items, LockMode mode, CancellationToken cancellationToken) =>
        _removal.RunAsync(scope, items, mode, cancellationToken);

    protected override Task<IReadOnlyDictionary<Guid, Seen<TRow>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        statements.LookUpAsync(scope, ids, cancellationToken);

    protected override LeoException? Settled(RowRemoval change) => _removal.FaultOf(change.Id);

    protected override LeoException? Obstacle(RowRemoval change, TRow row) => statements.Obstacle(row);
}
