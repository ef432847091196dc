using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.Postgres.Statements;

namespace LeoPS.Postgres.Changes;

/// <summary>The deletion of a batch. With an export, its lines are on the disk before the deletion is committed; a row that no line can hold whole stays.</summary>
/// <param name="delete">Deletes rows, and gives each as it was with its place among the items.</param>
/// <param name="idOf">The id of a row.</param>
/// <param name="export">Takes the rows; null for no export.</param>
/// <param name="atOnce">
/// True where each batch is written to it by itself; false where its owner does so before the commit of many, and only what cannot be written is kept back here.
/// </param>
internal sealed class ExportedRemoval<TChange, TRow>(
    Func<StatementScope, IReadOnlyList<BatchItem<TChange>>, LockMode, CancellationToken, Task<IReadOnlyList<Written<TRow>>>> delete,
    Func<TRow, Guid> idOf,
    IRowExport<TRow>? export,
    bool atOnce)
    where TChange : class, IRowChange<Guid>
    where TRow : class
{
    /// <summary>Rows that no line can hold whole, and which are therefore not deleted.</summary>
    private readonly Dictionary<Guid, LeoException> _unreadable = [];

    /// <summary>Why a row is not deleted because of the export; null for nothing.</summary>
    public LeoException? FaultOf(Guid id) => _unreadable.GetValueOrDefault(id);

    /// <summary>Keeps a row from being deleted: the deletion that found this out fails with the fault, and is done again without the row.</summary>
    public LeoException Exclude(Guid id, LeoException fault) => _unreadable[id] = fault;

    /// <summary>Deletes the rows of a batch; gives each as it was with its place.</summary>
    public async Task<IReadOnlyList<Written<TRow>>> RunAsync(
        StatementScope scope, IReadOnlyList<BatchItem<TChange>> items, LockMode mode, CancellationToken cancellationToken)
    {
        for (; ;)
        {
            int[] places = [.. Enumerable.Range(0, items.Count).Where(i => !_unreadable.ContainsKey(items[i].Change.Id))];
            if (places.Length == 0)
            {
                return [];
            }

            int known = _unreadable.Count;
            BatchItem<TChange>[] part = Array.ConvertAll(places, i => items[i]);
            try
            {
                IReadOnlyList<Written<TRow>> written = export is not null && atOnce
                    ? await ExportGuard.RunAsync(
                        export,
                        () => scope.InTransactionAsync(inside => DeleteExportedAsync(inside, export, part, mode, cancellationToken), null, cancellationToken)).ConfigureAwait(false)
                    : await DeleteAsync(scope, part, mode, cancellationToken).ConfigureAwait(false);
                return [.. written.Select(w => w with { At = places[w.At] })];
            }
            catch (LeoException e) when (e.ErrorId == LeoErrorId.UnreadableRow && _unreadable.Count > known)
            {
                scope.Context.Log?.Invoke("a row cannot be exported whole: doing the batch without it");
            }
        }
    }

    /// <exception cref="LeoException">UnreadableRow where a row cannot be exported: this transaction is taken back, and done again without it.</exception>
    private async Task<IReadOnlyList<Written<TRow>>> DeleteExportedAsync(
        StatementScope scope, IRowExport<TRow> to, IReadOnlyList<BatchItem<TChange>> items, LockMode mode, CancellationToken cancellationToken)
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
        StatementScope scope, IReadOnlyList<BatchItem<TChange>> items, LockMode mode, CancellationToken cancellationToken)
    {
        IReadOnlyList<Written<TRow>> written = await delete(scope, items, mode, cancellationToken).ConfigureAwait(false);
        if (export is null)
        {
            // What is gone need not be shown.
            return [.. written.Select(w => w with { Error = null })];
        }

        foreach (Written<TRow> unreadable in written.Where(w => w.Error is not null))
        {
            _unreadable[idOf(unreadable.Row)] = unreadable.Error!;
        }

        return [.. written.Where(w => w.Error is null)];
    }
}
