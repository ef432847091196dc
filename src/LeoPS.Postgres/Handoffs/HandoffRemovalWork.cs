using LeoPS.Access;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Handoffs;

/// <summary>A batch of removals. With an export, its lines are on the disk before the deletion is committed.</summary>
/// <param name="sql">The statements.</param>
/// <param name="export">Takes the rows; null for no export.</param>
/// <param name="atOnce">True where each batch is written to it by itself; false where its owner does so before the commit of many, and only what cannot be written is kept back here.</param>
/// <param name="role">The role in force, for messages.</param>
internal sealed class HandoffRemovalWork(HandoffSql sql, IHandoffExport? export, bool atOnce, string role) : HandoffGuardedWork<HandoffRemoval>(sql, role)
{
    private readonly HandoffSql _sql = sql;

    /// <summary>Rows that no line can hold whole, and which are therefore not deleted.</summary>
    private readonly Dictionary<Guid, LeoException> _unreadable = [];

    public override TableCommand Command => TableCommand.Delete;

    public override async Task<IReadOnlyList<Written<HandoffPreparation>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<HandoffRemoval>> items, LockMode mode, CancellationToken cancellationToken)
    {
        for (; ;)
        {
            int[] places = [.. Enumerable.Range(0, items.Count).Where(i => !_unreadable.ContainsKey(items[i].Change.Id))];
            if (places.Length == 0)
            {
                return [];
            }

            int known = _unreadable.Count;
            BatchItem<HandoffRemoval>[] part = Array.ConvertAll(places, i => items[i]);
            try
            {
                IReadOnlyList<Written<HandoffPreparation>> written = export is not null && atOnce
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

    protected override LeoException? Settled(HandoffRemoval change) => _unreadable.GetValueOrDefault(change.Id);

    /// <summary>The delete with its values.</summary>
    internal Statement Delete(IReadOnlyList<BatchItem<HandoffRemoval>> items, LockMode mode)
    {
        var statement = new Statement();
        statement.Text = _sql.Delete(MoveSql.Input(statement, items, []), mode);
        return statement;
    }

    /// <exception cref="LeoException">UnreadableRow where a row cannot be exported: this transaction is taken back, and done again without it.</exception>
    private async Task<IReadOnlyList<Written<HandoffPreparation>>> DeleteExportedAsync(
        StatementScope scope, IHandoffExport to, IReadOnlyList<BatchItem<HandoffRemoval>> items, LockMode mode, CancellationToken cancellationToken)
    {
        int known = _unreadable.Count;
        IReadOnlyList<Written<HandoffPreparation>> written = await DeleteAsync(scope, items, mode, cancellationToken).ConfigureAwait(false);
        if (_unreadable.Count > known)
        {
            throw _unreadable.Values.First();
        }

        to.Write(written.Select(w => w.Row));
        return written;
    }

    /// <summary>Deletes; of rows that cannot be exported whole it takes notice and leaves them out of what it gives.</summary>
    private async Task<IReadOnlyList<Written<HandoffPreparation>>> DeleteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<HandoffRemoval>> items, LockMode mode, CancellationToken cancellationToken)
    {
        IReadOnlyList<Written<HandoffPreparation>> written = await scope.RunAsync(
            $"delete handoffs (batch of {items.Count}, locks {mode})", Delete(items, mode), (reader, _) => HandoffResults.ReadWrittenAsync(reader), w => w.Count, cancellationToken).ConfigureAwait(false);
        if (export is null)
        {
            // What is gone need not be shown.
            return [.. written.Select(w => w with { Error = null })];
        }

        foreach (Written<HandoffPreparation> unreadable in written.Where(w => w.Error is not null))
        {
            _unreadable[unreadable.Row.Id] = unreadable.Error!;
        }

        return [.. written.Where(w => w.Error is null)];
    }
}
