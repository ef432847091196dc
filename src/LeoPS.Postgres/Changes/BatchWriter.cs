using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.Changes;

/// <summary>Writes one batch; one outcome per change, in the order given.</summary>
internal delegate Task<ChangeOutcome<TRow>[]> BatchOperation<in TChange, TRow>(
    StatementScope scope, IReadOnlyList<TChange> batch, LockMode mode, CancellationToken cancellationToken)
    where TRow : class;

/// <summary>Makes the work of removals.</summary>
/// <param name="sql">The statements of the table.</param>
/// <param name="export">Takes the rows; null for no export.</param>
/// <param name="atOnce">True where each batch is written to it by itself; false where that is done before the commit of many.</param>
internal delegate IBatchWork<TChange, TRow> RemovalMaker<in TSql, TChange, TRow>(TSql sql, IRowExport<TRow>? export, bool atOnce)
    where TChange : class, IRowChange
    where TRow : class;

/// <summary>
/// Writes the changes of a bulk operation on one table: a transaction per batch, or one for all of them, in which rows are locked in the same
/// order by every writer.
/// </summary>
/// <param name="sql">The table's statements.</param>
/// <param name="scopes">Where they run.</param>
/// <param name="noun">What a row is called in messages.</param>
/// <param name="role">The role in force, for messages.</param>
internal sealed class BatchWriter<TSql, TRow>(TableShapes<TSql> sql, IScopeSource scopes, string noun, string role)
    where TSql : class
    where TRow : class
{
    /// <summary>Writes changes by what makes the work on a batch.</summary>
    public Task<BulkResult<TRow>> WriteAsync<TChange>(
        Func<TSql, IBatchWork<TChange, TRow>> work,
        IReadOnlyList<TChange> changes,
        BulkOptions options,
        CallContext context,
        CancellationToken cancellationToken,
        IEnumerable<int>? order = null)
        where TChange : class, IRowChange => PostgresErrors.GuardAsync(
        () => WriteAsync(Operation(work), changes, options, context, cancellationToken, order), role, cancellationToken);

    /// <summary>Deletes rows, and writes them to the export before that is committed.</summary>
    public Task<BulkResult<TRow>> RemoveAsync<TChange>(
        RemovalMaker<TSql, TChange, TRow> work,
        IReadOnlyList<TChange> removals,
        BulkOptions options,
        IRowExport<TRow>? export,
        CallContext context,
        CancellationToken cancellationToken)
        where TChange : class, IRowChange
    {
        if (export is null || !options.IsAtomic)
        {
            return WriteAsync(sql => work(sql, export, atOnce: !options.IsAtomic), removals, options, context, cancellationToken);
        }

        void Write(IReadOnlyList<ChangeOutcome<TRow>> outcomes)
        {
            // A transaction that is repeated begins its lines again.
            export.TakeBack();
            export.Write(outcomes.Select(o => o.Row!));
        }

        BatchOperation<TChange, TRow> operation = Operation<TChange>(sql => work(sql, export, atOnce: false));
        return PostgresErrors.GuardAsync(
            () => ExportGuard.RunAsync(
                export, () => WriteAsync(operation, removals, options, context, cancellationToken, beforeCommit: Write)),
            role,
            cancellationToken);
    }

    /// <summary>Writes changes by a function.</summary>
    /// <param name="write">Writes a batch.</param>
    /// <param name="changes">All of them.</param>
    /// <param name="options">How they are written.</param>
    /// <param name="context">The call.</param>
    /// <param name="cancellationToken">Stops it; not looked at once COMMIT is sent.</param>
    /// <param name="order">The places of the changes in the order in which an atomic operation locks their rows; null for the order of their ids.</param>
    /// <param name="beforeCommit">Is given all outcomes of an atomic operation when all were written; what it throws rolls it back.</param>
    public async Task<BulkResult<TRow>> WriteAsync<TChange>(
        BatchOperation<TChange, TRow> write,
        IReadOnlyList<TChange> changes,
        BulkOptions options,
        CallContext context,
        CancellationToken cancellationToken,
        IEnumerable<int>? order = null,
        Action<IReadOnlyList<ChangeOutcome<TRow>>>? beforeCommit = null)
        where TChange : class, IRowChange
    {
        StatementScope scope = scopes.For(context);
        if (!options.IsAtomic)
        {
            return new BulkResult<TRow>(true, await WriteEachAsync(scope, write, changes, options.BatchSize, cancellationToken).ConfigureAwait(false));
        }

        // The table is looked at before the transaction begins.
        _ = await sql.ForAsync(scope, cancellationToken).ConfigureAwait(false);
        order ??= Enumerable.Range(0, changes.Count).OrderBy(i => changes[i].Key, RowKeyOrder.Instance);
        int[][] parts = [.. order.Chunk(options.BatchSize)];
        var retry = new TransientRetry(scope, "repeating the transaction");
        bool atOnce = false;
        while (true)
        {
            try
            {
                return await scope.InTransactionAsync(
                    inside => WritePartsAsync(inside, write, changes, parts, atOnce, beforeCommit, cancellationToken),
                    result => result.Committed,
                    cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e) when (PostgresErrors.IsAboutOneRow(e) && scope.CommitsEach && !atOnce)
            {
                // Deferred constraints may be broken and mended again on the way, so they are left to COMMIT first; which row it was,
                // only a transaction tells in which they refuse each statement.
                atOnce = true;
                scope.Context.Log?.Invoke($"COMMIT was refused ({e.SqlState}): repeating the transaction with all constraints immediate, to find the rows");
            }
            catch (PostgresException e) when (retry.Takes(e))
            {
                await retry.DelayAsync(e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private BatchOperation<TChange, TRow> Operation<TChange>(Func<TSql, IBatchWork<TChange, TRow>> work)
        where TChange : class, IRowChange => async (scope, batch, mode, token) =>
    {
        TSql statements = await sql.ForAsync(scope, token).ConfigureAwait(false);
        return await new BatchRunner<TChange, TRow>(work(statements), role, mode).ApplyAsync(scope, batch, token).ConfigureAwait(false);
    };

    private Task<ChangeOutcome<TRow>[]> WriteEachAsync<TChange>(
        StatementScope scope, BatchOperation<TChange, TRow> write, IReadOnlyList<TChange> changes, int batchSize, CancellationToken cancellationToken)
        where TChange : class, IRowChange =>
        changes.Count <= batchSize
            ? write(scope, changes, LockMode.AsMet, cancellationToken)
            : PartlyDone.RunAsync<TRow>(
                scope,
                changes,
                noun,
                role,
                async outcomes =>
                {
                    int done = 0;
                    foreach (TChange[] batch in changes.Chunk(batchSize))
                    {
                        (await write(scope, batch, LockMode.AsMet, cancellationToken).ConfigureAwait(false)).CopyTo(outcomes, done);
                        done += batch.Length;
                    }
                },
                cancellationToken);

    private static async Task<BulkResult<TRow>> WritePartsAsync<TChange>(
        StatementScope inside,
        BatchOperation<TChange, TRow> write,
        IReadOnlyList<TChange> changes,
        int[][] parts,
        bool atOnce,
        Action<IReadOnlyList<ChangeOutcome<TRow>>>? beforeCommit,
        CancellationToken cancellationToken)
    {
        if (atOnce)
        {
            await inside.CheckConstraintsAtOnceAsync(cancellationToken).ConfigureAwait(false);
        }

        var outcomes = new ChangeOutcome<TRow>[changes.Count];
        foreach (int[] places in parts)
        {
            ChangeOutcome<TRow>[] done =
                await write(inside, Array.ConvertAll(places, i => changes[i]), LockMode.InOrder, cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < places.Length; i++)
            {
                outcomes[places[i]] = done[i];
            }
        }

        bool all = Array.TrueForAll(outcomes, o => o.Kind != OutcomeKind.Failed);
        if (all)
        {
            beforeCommit?.Invoke(outcomes);
        }

        return new BulkResult<TRow>(all, outcomes);
    }
}
