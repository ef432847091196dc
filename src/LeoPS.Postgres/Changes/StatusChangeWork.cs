using LeoPS.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Statuses;

namespace LeoPS.Postgres.Changes;

/// <summary>A batch of guarded status changes, whichever table they are of: the statements are the table's, the verdicts are Core's.</summary>
internal sealed class StatusChangeWork<TChange, TRow, TStatus>(IChangeStatements<TChange, TRow> statements, StatusMove<TStatus> move, string role) : IBatchWork<TChange, TRow>
    where TChange : StatusChange<TRow>
    where TRow : class, IStatusRow<TStatus>
    where TStatus : struct, Enum
{
    public string Noun => move.Table.Noun;

    public Task<IReadOnlyList<Written<TRow>>> WriteAsync(StatementScope scope, IReadOnlyList<BatchItem<TChange>> items, LockMode mode, CancellationToken cancellationToken) =>
        statements.UpdateAsync(scope, items, mode, cancellationToken);

    public async Task<IReadOnlyList<Judgement<TChange, TRow>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<TChange>> left, bool skippedHeld, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<Guid, Seen<TRow>> seen =
            await statements.LookUpAsync(scope, [.. left.Select(i => i.Change.Id)], cancellationToken).ConfigureAwait(false);
        return [.. left.Select(item => Judge(item, seen.TryGetValue(item.Change.Id, out Seen<TRow> found) ? found : null, skippedHeld, scope.Context.LockTimeout))];
    }

    private Judgement<TChange, TRow> Judge(BatchItem<TChange> item, Seen<TRow>? found, bool skippedHeld, TimeSpan waited)
    {
        TRow? row = found?.Row;
        if (found is { Apart: true } && !item.Apart && Verdict.Preview<TStatus>(move, item.Guard, item.Change.Id, row, role, item.Change.HasValues) is null)
        {
            return new Judgement<TChange, TRow>(null, null, item with { Apart = true });
        }

        if (found is { Obstacle: { } obstacle } && Verdict.Preview<TStatus>(move, item.Guard, item.Change.Id, row, role, item.Change.HasValues) is null)
        {
            return new Judgement<TChange, TRow>(null, obstacle, null);
        }

        Verdict verdict = Verdict.Of<TStatus>(
            move, item.Guard, item.Change.Id, row, skippedHeld && found is { Held: true }, role, waited, item.Relooked, item.Change.HasValues);
        return verdict.Kind switch
        {
            VerdictKind.AlreadyThere => new Judgement<TChange, TRow>(row, null, null),
            VerdictKind.LookAgain => new Judgement<TChange, TRow>(null, null, item with { Guard = RowGuard.Of<TStatus>(row!), Relooked = true }),
            _ => new Judgement<TChange, TRow>(null, verdict.Error, null),
        };
    }
}
