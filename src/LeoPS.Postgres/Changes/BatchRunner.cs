using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Postgres.Access;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Changes;

/// <summary>
/// Carries out one batch: one set-based statement; then, for rows it did not return, a second look that tells why.
/// A batch that the database refuses for one row's sake is halved until that row stands alone; one that waits for a
/// held row is done without it; one that deadlocks is sent again with its locks in order.
/// </summary>
internal sealed class BatchRunner<TChange, TRow>(IBatchWork<TChange, TRow> work, string role, LockMode firstMode)
    where TChange : class, IRowChange
    where TRow : class
{
    private const int MaxLooks = 4;

    /// <summary>Does the batch; one outcome per change, in the order given.</summary>
    public Task<ChangeOutcome<TRow>[]> ApplyAsync(StatementScope scope, IReadOnlyList<TChange> batch, CancellationToken cancellationToken) =>
        PartlyDone.RunAsync<TRow>(scope, batch, work.Noun, role, outcomes => FillAsync(scope, batch, outcomes, cancellationToken), cancellationToken);

    private async Task FillAsync(StatementScope scope, IReadOnlyList<TChange> batch, ChangeOutcome<TRow>[] outcomes, CancellationToken cancellationToken)
    {
        BatchItem<TChange>[] items = [.. work.InOrder(batch.Select((change, i) => new BatchItem<TChange>(i, change, change.Guard)))];
        if (work.Additional is { } additional)
        {
            await additional.PrepareAsync(scope, batch, cancellationToken).ConfigureAwait(false);
            items = [.. items.Where(i => !Refuse(outcomes, i, additional.Fault(i.Change)))];
        }

        for (int look = 1; items.Length > 0; look++)
        {
            items = await RoundAsync(scope, items, outcomes, cancellationToken).ConfigureAwait(false);
            if (look == MaxLooks)
            {
                Array.ForEach(items, i => Fail(outcomes, i, LeoErrors.KeepsChanging(work.Noun, i.Change.Key.ToString()!)));
                break;
            }
        }

        await AccessLook.ExplainAsync(scope, work.Noun, work.Command, outcomes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One statement and one look; returns the items that deserve another round.</summary>
    private async Task<BatchItem<TChange>[]> RoundAsync(
        StatementScope scope, BatchItem<TChange>[] items, ChangeOutcome<TRow>[] outcomes, CancellationToken cancellationToken)
    {
        BatchItem<TChange>[][] kinds = [[.. items.Where(i => !i.Apart)], [.. items.Where(i => i.Apart)]];
        BatchItem<TChange>[][] parts = [.. kinds.Where(k => k.Length > 0).SelectMany(k => work.Additional?.Split(k) ?? [k])];
        (List<BatchItem<TChange>> left, bool skippedHeld) =
            await WritePartsAsync(scope, parts, outcomes, firstMode, cancellationToken).ConfigureAwait(false);
        if (left.Count == 0)
        {
            return [];
        }

        IReadOnlyList<Judgement<TChange, TRow>> judgements = await work.JudgeAsync(scope, left, skippedHeld, cancellationToken).ConfigureAwait(false);
        var again = new List<BatchItem<TChange>>();
        for (int i = 0; i < left.Count; i++)
        {
            switch (judgements[i])
            {
                case { Error: { } error }:
                    Fail(outcomes, left[i], error);
                    break;
                case { Again: { } item }:
                    again.Add(item);
                    break;
                case { There: { } row }:
                    outcomes[left[i].Index] = ChangeOutcome<TRow>.Unchanged(left[i].Change.Source, row);
                    break;
            }
        }

        return [.. again];
    }

    /// <summary>Writes what can be written; returns the items it did not write and whether held rows were passed over.</summary>
    private async Task<(List<BatchItem<TChange>> Left, bool SkippedHeld)> WriteAsync(
        StatementScope scope, BatchItem<TChange>[] items, ChangeOutcome<TRow>[] outcomes, LockMode mode, CancellationToken cancellationToken)
    {
        var retry = new TransientRetry(scope, "sending the batch again, locks in id order");
        while (true)
        {
            try
            {
                foreach (Written<TRow> written in await work.WriteAsync(scope, items, mode, cancellationToken).ConfigureAwait(false))
                {
                    BatchItem<TChange> item = items[written.At];
                    outcomes[item.Index] = ChangeOutcome<TRow>.Changed(item.Change.Source, written.Row, written.Error, written.Note);
                }

                return ([.. items.Where(i => outcomes[i.Index] is null)], mode == LockMode.SkipHeld);
            }
            catch (PostgresException e) when (retry.Takes(e))
            {
                mode = mode == LockMode.AsMet ? LockMode.InOrder : mode;
                await retry.DelayAsync(e, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable && mode != LockMode.SkipHeld)
            {
                mode = LockMode.SkipHeld;
                scope.Context.Log?.Invoke("a row is held by another transaction: doing the batch without the rows that are held");
                if (work.PartsBesideHeld(items) is { Count: > 1 } parts)
                {
                    return await WritePartsAsync(scope, parts, outcomes, mode, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (PostgresErrors.IsAboutOneRow(e))
            {
                return await HalveAsync(scope, items, outcomes, mode, e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<(List<BatchItem<TChange>> Left, bool SkippedHeld)> HalveAsync(
        StatementScope scope, BatchItem<TChange>[] items, ChangeOutcome<TRow>[] outcomes, LockMode mode, Exception refusal, CancellationToken cancellationToken)
    {
        if (items.Length == 1)
        {
            Fail(outcomes, items[0], Explain(refusal, cancellationToken));
            return ([], mode == LockMode.SkipHeld);
        }

        if (await IsRefusedToAllAsync(scope, refusal, cancellationToken).ConfigureAwait(false))
        {
            await FailAllAsync(scope, items, outcomes, mode, Explain(refusal, cancellationToken), cancellationToken).ConfigureAwait(false);
            return ([], mode == LockMode.SkipHeld);
        }

        int half = items.Length / 2;
        return await WritePartsAsync(scope, [items[..half], items[half..]], outcomes, mode, cancellationToken).ConfigureAwait(false);
    }

    private LeoException Explain(Exception refusal, CancellationToken cancellationToken) =>
        (refusal is PostgresException server && !PostgresErrors.IsInFunction(server) ? work.Explain(server) : null) ?? (LeoException)PostgresErrors.Translate(refusal, role, cancellationToken);

    /// <summary>True where no policy would take any row: halving would find that out one row at a time.</summary>
    private async Task<bool> IsRefusedToAllAsync(StatementScope scope, Exception refusal, CancellationToken cancellationToken) =>
        work.Command == TableCommand.Insert
        && refusal is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege }
        && await AccessLook.AtAsync(scope, AccessLook.TableOf(work.Noun), cancellationToken).ConfigureAwait(false) is { RefusesAllNew: true };

    /// <summary>Fails all items: with what else stands in the way of one, or else with the refusal.</summary>
    private async Task FailAllAsync(
        StatementScope scope, BatchItem<TChange>[] items, ChangeOutcome<TRow>[] outcomes, LockMode mode, LeoException refusal, CancellationToken cancellationToken)
    {
        IReadOnlyList<Judgement<TChange, TRow>> judgements = await work.JudgeAsync(scope, items, mode == LockMode.SkipHeld, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < items.Length; i++)
        {
            if (judgements[i].There is { } row)
            {
                outcomes[items[i].Index] = ChangeOutcome<TRow>.Unchanged(items[i].Change.Source, row);
            }
            else
            {
                Fail(outcomes, items[i], judgements[i].Error ?? refusal);
            }
        }
    }

    private async Task<(List<BatchItem<TChange>> Left, bool SkippedHeld)> WritePartsAsync(
        StatementScope scope, IReadOnlyList<BatchItem<TChange>[]> parts, ChangeOutcome<TRow>[] outcomes, LockMode mode, CancellationToken cancellationToken)
    {
        var left = new List<BatchItem<TChange>>();
        bool skippedHeld = false;
        foreach (BatchItem<TChange>[] part in parts)
        {
            (List<BatchItem<TChange>> rest, bool skipped) = await WriteAsync(scope, part, outcomes, mode, cancellationToken).ConfigureAwait(false);
            left.AddRange(rest);
            skippedHeld |= skipped;
        }

        return (left, skippedHeld);
    }

    /// <summary>Fails an item that has a fault; false where it has none.</summary>
    private static bool Refuse(ChangeOutcome<TRow>[] outcomes, BatchItem<TChange> item, LeoException? fault)
    {
        if (fault is not null)
        {
            Fail(outcomes, item, fault);
        }

        return fault is not null;
    }

    private static void Fail(ChangeOutcome<TRow>[] outcomes, BatchItem<TChange> item, LeoException error) =>
        outcomes[item.Index] = ChangeOutcome<TRow>.Failed(item.Change.Source, error);
}
