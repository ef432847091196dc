using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Changes;

/// <summary>Carries out bulk changes of one table, whatever the work on a batch is: batch by batch, or all in one transaction.</summary>
internal sealed class BulkRun<TSql, TRow>(TableShapes<TSql> sql, IScopeSource scopes, string role)
    where TSql : class
    where TRow : class
{
    /// <summary>Does one batch.</summary>
    public Task<IReadOnlyList<ChangeOutcome<TRow>>> ApplyAsync<TChange>(
        Func<TSql, IBatchWork<TChange, TRow>> work, IReadOnlyList<TChange> batch, CallContext context, CancellationToken cancellationToken)
        where TChange : class, IRowChange => PostgresErrors.GuardAsync(
        async () => (IReadOnlyList<ChangeOutcome<TRow>>)await RunAsync(work, scopes.For(context), batch, LockMode.AsMet, cancellationToken).ConfigureAwait(false),
        role,
        cancellationToken);

    /// <summary>Does all of them in one transaction, in the order of their ids.</summary>
    public Task<AtomicResult<TRow>> ApplyAtomicallyAsync<TChange>(
        Func<TSql, IBatchWork<TChange, TRow>> work, IReadOnlyList<TChange> changes, int batchSize, CallContext context, CancellationToken cancellationToken)
        where TChange : class, IRowChange => PostgresErrors.GuardAsync(
        () => RunAtomicallyAsync(work, changes, batchSize, context, null, cancellationToken), role, cancellationToken);

    /// <summary>Deletes one batch, and writes its rows to the export before that is committed.</summary>
    public Task<IReadOnlyList<ChangeOutcome<TRow>>> RemoveAsync<TChange>(
        RemovalMaker<TSql, TChange, TRow> work, IReadOnlyList<TChange> batch, IRowExport<TRow>? export, CallContext context, CancellationToken cancellationToken)
        where TChange : class, IRowChange =>
        ApplyAsync(sql => work(sql, export, atOnce: true), batch, context, cancellationToken);

    /// <summary>Deletes all of them in one transaction, and writes them to the export before that is committed.</summary>
    public Task<AtomicResult<TRow>> RemoveAtomicallyAsync<TChange>(
        RemovalMaker<TSql, TChange, TRow> work,
        IReadOnlyList<TChange> removals,
        int batchSize,
        IRowExport<TRow>? export,
        CallContext context,
        CancellationToken cancellationToken)
        where TChange : class, IRowChange
    {
        if (export is null)
        {
            return ApplyAtomicallyAsync(sql => work(sql, null, atOnce: false), removals, batchSize, context, cancellationToken);
        }

        void Write(IReadOnlyList<ChangeOutcome<TRow>> outcomes)
        {
            // A transaction that is repeated begins its lines again.
            export.TakeBack();
            export.Write(outcomes.Select(o => o.Row!));
        }

        return PostgresErrors.GuardAsync(
            () => ExportGuard.RunAsync(export, () => RunAtomicallyAsync(sql => work(sql, export, atOnce: false), removals, batchSize, context, Write, cancellationToken)),
            role,
            cancellationToken);
    }

    private async Task<AtomicResult<TRow>> RunAtomicallyAsync<TChange>(
        Func<TSql, IBatchWork<TChange, TRow>> work,
        IReadOnlyList<TChange> changes,
        int batchSize,
        CallContext context,
        Action<IReadOnlyList<ChangeOutcome<TRow>>>? beforeCommit,
        CancellationToken cancellationToken)
        where TChange : class, IRowChange
    {
        _ = await sql.ForAsync(scopes.For(context), cancellationToken).ConfigureAwait(false);
        return await new AtomicRun(scopes.For(context)).ApplyAsync(
            (scope, part, token) => RunAsync(work, scope, part, LockMode.InOrder, token),
            changes,
            Enumerable.Range(0, changes.Count).OrderBy(i => changes[i].Key, RowKeyOrder.Instance),
            batchSize,
            cancellationToken,
            beforeCommit).ConfigureAwait(false);
    }

    private async Task<ChangeOutcome<TRow>[]> RunAsync<TChange>(
        Func<TSql, IBatchWork<TChange, TRow>> work, StatementScope scope, IReadOnlyList<TChange> batch, LockMode mode, CancellationToken cancellationToken)
        where TChange : class, IRowChange
    {
        TSql statements = await sql.ForAsync(scope, cancellationToken).ConfigureAwait(false);
        return await new BatchRunner<TChange, TRow>(work(statements), role, mode).ApplyAsync(scope, batch, cancellationToken).ConfigureAwait(false);
    }
}
