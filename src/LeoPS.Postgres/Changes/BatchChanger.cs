using LeoPS.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;

namespace LeoPS.Postgres.Changes;

/// <summary>
/// Carries out one batch: one set-based update; then, for rows it did not return, a second look that tells why.
/// A batch that the database refuses for one row's sake is halved until that row stands alone; one that waits for a
/// held row is done without it; one that deadlocks is sent again with its locks in order.
/// </summary>
internal sealed class BatchChanger<TRow, TStatus>(IChangeStatements<TRow> statements, StatusMove<TStatus> move, string role, LockMode firstMode)
    where TRow : class, IStatusRow<TStatus>
    where TStatus : struct, Enum
{
    private const int MaxLooks = 4;
    private const int MaxDeadlocks = 8;

    public async Task<ChangeOutcome<TRow>[]> ApplyAsync(StatementScope scope, IReadOnlyList<StatusChange<TRow>> batch, CancellationToken cancellationToken)
    {
        var outcomes = new ChangeOutcome<TRow>[batch.Count];
        GuardedChange<TRow>[] rows = [.. batch.Select((change, i) => new GuardedChange<TRow>(i, change, change.Guard, Relooked: false)).OrderBy(r => r.Change.Id)];
        try
        {
            for (int look = 1; rows.Length > 0; look++)
            {
                rows = await RoundAsync(scope, rows, outcomes, cancellationToken).ConfigureAwait(false);
                if (look == MaxLooks)
                {
                    Array.ForEach(rows, r => Fail(outcomes, r, LeoErrors.KeepsChanging(move.Table.Noun, r.Change.Id.ToString())));
                    break;
                }
            }
        }
        catch (Exception e) when (scope.CommitsEach && Array.Exists(outcomes, o => o is not null))
        {
            // Part of the batch is committed, and must be told as done; the failure stands for the rest.
            Exception translated = PostgresErrors.Translate(e, role, cancellationToken);
            LeoException rest = translated as LeoException ?? (translated is OperationCanceledException ? LeoErrors.Stopped(move.Table.Noun) : throw translated);
            foreach (GuardedChange<TRow> row in batch.Select((change, i) => new GuardedChange<TRow>(i, change, null, Relooked: false)).Where(r => outcomes[r.Index] is null))
            {
                Fail(outcomes, row, rest);
            }
        }

        return outcomes;
    }

    /// <summary>One update and one look; returns the rows that deserve another round.</summary>
    private async Task<GuardedChange<TRow>[]> RoundAsync(
        StatementScope scope, GuardedChange<TRow>[] rows, ChangeOutcome<TRow>[] outcomes, CancellationToken cancellationToken)
    {
        (List<GuardedChange<TRow>> left, bool skippedHeld) = await UpdateAsync(scope, rows, outcomes, firstMode, cancellationToken).ConfigureAwait(false);
        if (left.Count == 0)
        {
            return [];
        }

        IReadOnlyDictionary<Guid, (TRow Row, bool Held)> seen =
            await statements.LookUpAsync(scope, [.. left.Select(r => r.Change.Id)], cancellationToken).ConfigureAwait(false);
        var again = new List<GuardedChange<TRow>>();
        foreach (GuardedChange<TRow> row in left)
        {
            bool visible = seen.TryGetValue(row.Change.Id, out (TRow Row, bool Held) found);
            Verdict verdict = Verdict.Of<TStatus>(
                move, row.Guard, row.Change.Id, visible ? found.Row : null, skippedHeld && found.Held, role, scope.Context.LockTimeout, row.Relooked);
            switch (verdict.Kind)
            {
                case VerdictKind.AlreadyThere:
                    outcomes[row.Index] = ChangeOutcome<TRow>.Unchanged(row.Change.Source, found.Row);
                    break;
                case VerdictKind.LookAgain:
                    var guard = new RowGuard(found.Row.RowVersion, StatusNames<TStatus>.ToColumn(found.Row.Status), found.Row.UpdatedAt);
                    again.Add(row with { Guard = guard, Relooked = true });
                    break;
                default:
                    Fail(outcomes, row, verdict.Error!);
                    break;
            }
        }

        return [.. again];
    }

    /// <summary>Updates what can be updated; returns the rows it did not touch and whether held rows were passed over.</summary>
    private async Task<(List<GuardedChange<TRow>> Left, bool SkippedHeld)> UpdateAsync(
        StatementScope scope, GuardedChange<TRow>[] rows, ChangeOutcome<TRow>[] outcomes, LockMode mode, CancellationToken cancellationToken)
    {
        for (int deadlocks = 0; ;)
        {
            try
            {
                IReadOnlyList<(int At, ReadItem<TRow> Item)> written = await statements.UpdateAsync(scope, rows, mode, cancellationToken).ConfigureAwait(false);
                foreach ((int at, ReadItem<TRow> item) in written)
                {
                    outcomes[rows[at].Index] = ChangeOutcome<TRow>.Changed(rows[at].Change.Source, item.Row, item.Error);
                }

                return ([.. rows.Where(r => outcomes[r.Index] is null)], mode == LockMode.SkipHeld);
            }
            catch (PostgresException e) when (PostgresErrors.IsTransient(e.SqlState) && deadlocks < MaxDeadlocks)
            {
                deadlocks++;
                mode = mode == LockMode.AsMet ? LockMode.InOrder : mode;
                scope.Context.Log?.Invoke($"the server broke a deadlock or a serialization conflict ({e.SqlState}): sending the batch again, locks in id order");
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(5, 50 * deadlocks)), cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable && mode != LockMode.SkipHeld)
            {
                mode = LockMode.SkipHeld;
                scope.Context.Log?.Invoke("a row is held by another transaction: doing the batch without the rows that are held");
            }
            catch (PostgresException e) when (PostgresErrors.IsAboutOneRow(e))
            {
                return await HalveAsync(scope, rows, outcomes, mode, e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<(List<GuardedChange<TRow>> Left, bool SkippedHeld)> HalveAsync(
        StatementScope scope, GuardedChange<TRow>[] rows, ChangeOutcome<TRow>[] outcomes, LockMode mode, PostgresException refusal, CancellationToken cancellationToken)
    {
        if (rows.Length == 1)
        {
            Fail(outcomes, rows[0], (LeoException)PostgresErrors.Translate(refusal, role, cancellationToken));
            return ([], mode == LockMode.SkipHeld);
        }

        int half = rows.Length / 2;
        (List<GuardedChange<TRow>> first, bool firstSkipped) = await UpdateAsync(scope, rows[..half], outcomes, mode, cancellationToken).ConfigureAwait(false);
        (List<GuardedChange<TRow>> second, bool secondSkipped) = await UpdateAsync(scope, rows[half..], outcomes, mode, cancellationToken).ConfigureAwait(false);
        return ([.. first, .. second], firstSkipped || secondSkipped);
    }

    private static void Fail(ChangeOutcome<TRow>[] outcomes, GuardedChange<TRow> row, LeoException error) =>
        outcomes[row.Index] = ChangeOutcome<TRow>.Failed(row.Change.Source, error);
}
