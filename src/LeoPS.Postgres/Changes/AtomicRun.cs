using LeoPS.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Changes;

/// <summary>Carries out a bulk change as one transaction: rows in one order for everybody, cut into statements, all or nothing.</summary>
internal sealed class AtomicRun(StatementScope scope)
{
    /// <param name="applyBatch">Writes a part, in a transaction that is open.</param>
    /// <param name="changes">All of them, as given.</param>
    /// <param name="order">Their places in the order in which rows are locked: the same for every such run.</param>
    /// <param name="batchSize">Rows per statement.</param>
    /// <param name="cancellationToken">Rolls it back; not looked at once COMMIT is sent.</param>
    /// <param name="beforeCommit">Is given all outcomes when all were written; what it throws takes everything back. Null for nothing.</param>
    public async Task<AtomicResult<TRow>> ApplyAsync<TChange, TRow>(
        Func<StatementScope, IReadOnlyList<TChange>, CancellationToken, Task<ChangeOutcome<TRow>[]>> applyBatch,
        IReadOnlyList<TChange> changes,
        IEnumerable<int> order,
        int batchSize,
        CancellationToken cancellationToken,
        Action<IReadOnlyList<ChangeOutcome<TRow>>>? beforeCommit = null)
        where TRow : class
    {
        int[][] parts = [.. order.Chunk(batchSize)];
        bool atOnce = false;
        var retry = new TransientRetry(scope, "repeating the transaction");
        while (true)
        {
            try
            {
                return await scope.InTransactionAsync(
                    inside => ApplyPartsAsync(inside, applyBatch, changes, parts, atOnce, beforeCommit, cancellationToken), result => result.Committed, cancellationToken).ConfigureAwait(false);
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

    private static async Task<AtomicResult<TRow>> ApplyPartsAsync<TChange, TRow>(
        StatementScope inside,
        Func<StatementScope, IReadOnlyList<TChange>, CancellationToken, Task<ChangeOutcome<TRow>[]>> applyBatch,
        IReadOnlyList<TChange> changes,
        int[][] parts,
        bool atOnce,
        Action<IReadOnlyList<ChangeOutcome<TRow>>>? beforeCommit,
        CancellationToken cancellationToken)
        where TRow : class
    {
        if (atOnce)
        {
            await inside.CheckConstraintsAtOnceAsync(cancellationToken).ConfigureAwait(false);
        }

        var outcomes = new ChangeOutcome<TRow>[changes.Count];
        foreach (int[] places in parts)
        {
            ChangeOutcome<TRow>[] done = await applyBatch(inside, Array.ConvertAll(places, i => changes[i]), cancellationToken).ConfigureAwait(false);
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

        return new AtomicResult<TRow>(all, outcomes);
    }
}
