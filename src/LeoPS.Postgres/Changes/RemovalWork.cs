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
    /// <summary>Rows that no line can hold whole, and which are therefore not deleted.</summary>
    private readonly Dictionary<Guid, LeoException> _unreadable = [];

    public override TableCommand Command => TableCommand.Delete;

    public override async Task<IReadOnlyList<Written<TRow>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RowRemoval>> items, LockMode mode, CancellationToken cancellationToken)
    {
        for (; ;)
        {
            int[] places = [.. Enumerable.Range(0, items.Count).Where(i => !_unreadable.ContainsKey(items[i].Change.Id))];
            if (places.Length == 0)
            {
                return [];
            }

            int known = _unreadable.Count;
            BatchItem<RowRemoval>[] part = Array.ConvertAll(places, i => items[i]);
            try
            {
                IReadOnlyList<Written<TRow>> written = export is not null && atOnce
                    ? await ExportGuard.RunAsync(export, () => scope.InTransactionAsync(inside => DeleteExportedAsync(inside, export, part, mode, cancellationToken), null, cancellationToken)).ConfigureAwait(false)
                    : await DeleteAsync(scope, part, mode, cancellationToken).ConfigureAwait(false);
                return [.. written.Select(w => w with { At = places[w.At] })];
            }
            catch (LeoException e) when (e.ErrorId == LeoErrorId.UnreadableRow && _unreadable.Count > known)
            {
                scope.Context.Log?.Invoke("a row cannot be exported whole: doing the batch without it");
            }
        }
    }

    protected override Task<IReadOnlyDictionary<Guid, Seen<TRow>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        statements.LookUpAsync(scope, ids, cancellationToken);

    protected override LeoException? Settled(RowRemoval change) => _unreadable.GetValueOrDefault(change.Id);

    protected override LeoException? Obstacle(RowRemoval change, TRow row) => statements.Obstacle(row);

    /// <exception cref="LeoException">UnreadableRow where a row cannot be exported: this transaction is taken back, and done again without it.</exception>
    private async Task<IReadOnlyList<Written<TRow>>> DeleteExportedAsync(
        StatementScope scope, IRowExport<TRow> to, IReadOnlyList<BatchItem<RowRemoval>> items, LockMode mode, CancellationToken cancellationToken)
    {
        int known = _unreadable.Count;
        IReadOnlyList<Written<TRow>> written = await DeleteAsync(scope, items, mode, cancellationToken).ConfigureAwait(false);
        if (_unreadable.Count > known)
        {
            throw _unreadable.Values.First();
        }

        to.Write(written.Select(w => w.Row));
        return written;
    }

    /// <summary>Deletes; of rows that cannot be exported whole it takes notice and leaves them out of what it gives.</summary>
    private async Task<IReadOnlyList<Written<TRow>>> DeleteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RowRemoval>> items, LockMode mode, CancellationToken cancellationToken)
    {
        IReadOnlyList<Written<TRow>> written = await statements.DeleteAsync(scope, items, mode, cancellationToken).ConfigureAwait(false);
        if (export is null)
        {
            // What is gone need not be shown.
            return [.. written.Select(w => w with { Error = null })];
        }

        foreach (Written<TRow> unreadable in written.Where(w => w.Error is not null))
        {
            _unreadable[unreadable.Row.Id] = unreadable.Error!;
        }

        return [.. written.Where(w => w.Error is null)];
    }
}
