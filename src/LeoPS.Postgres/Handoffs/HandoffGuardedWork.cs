using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;

namespace LeoPS.Postgres.Handoffs;

/// <summary>A batch of changes that a handoff's guard decides about, and not its status: what was not written is looked at, and the verdicts are Core's.</summary>
internal abstract class HandoffGuardedWork<TChange>(HandoffSql sql, string role) : IBatchWork<TChange, HandoffPreparation>
    where TChange : class, IRowChange
{
    public string Noun => HandoffTransitions.Table.Noun;

    public virtual TableCommand Command => TableCommand.Update;

    public abstract Task<IReadOnlyList<Written<HandoffPreparation>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<TChange>> items, LockMode mode, CancellationToken cancellationToken);

    public async Task<IReadOnlyList<Judgement<TChange, HandoffPreparation>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<TChange>> left, bool skippedHeld, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<Guid, Seen<HandoffPreparation>> seen =
            await HandoffResults.LookUpAsync(sql, scope, [.. left.Select(i => i.Change.Id)], cancellationToken).ConfigureAwait(false);
        return [.. left.Select(item => Judge(item, seen.TryGetValue(item.Change.Id, out Seen<HandoffPreparation> found) ? found : null, skippedHeld, scope.Context.LockTimeout))];
    }

    /// <summary>What else about a row stands in the way of its change; null for nothing.</summary>
    protected virtual LeoException? Obstacle(TChange change, HandoffPreparation row) => null;

    /// <summary>Why a change that was not written failed, where that is known without a look; null for nothing.</summary>
    protected virtual LeoException? Settled(TChange change) => null;

    private Judgement<TChange, HandoffPreparation> Judge(BatchItem<TChange> item, Seen<HandoffPreparation>? found, bool skippedHeld, TimeSpan waited)
    {
        if (Settled(item.Change) is { } error)
        {
            return new Judgement<TChange, HandoffPreparation>(null, error, null);
        }

        HandoffPreparation? row = found?.Row;
        LeoException? obstacle = row is null ? null : Obstacle(item.Change, row);
        Verdict verdict = GuardedVerdict.Of<HandoffStatus>(
            Noun, item.Guard, item.Change.Id, row, obstacle, skippedHeld && found is { Held: true }, role, waited, item.Relooked);
        return verdict.Kind == VerdictKind.LookAgain
            ? new Judgement<TChange, HandoffPreparation>(null, null, item with { Guard = row!.Guard, Relooked = true })
            : new Judgement<TChange, HandoffPreparation>(null, verdict.Error, null);
    }
}
