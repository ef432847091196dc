using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Statuses;
using Npgsql;

namespace LeoPS.Postgres.Changes;

/// <summary>A batch of changes that a row's guard decides about, and not its status: what was not written is looked at, and the verdicts are Core's.</summary>
/// <param name="noun">What a row is called in messages.</param>
/// <param name="role">The role in force, for messages.</param>
internal abstract class GuardedWork<TChange, TRow, TStatus>(string noun, string role) : IBatchWork<TChange, TRow>
    where TChange : class, IRowChange<Guid>
    where TRow : class, IStatusRow<TStatus>
    where TStatus : struct, Enum
{
    public string Noun => noun;

    public virtual TableCommand Command => TableCommand.Update;

    public virtual AdditionalColumnBatch<TChange>? Additional => null;

    /// <inheritdoc/>
    public virtual IEnumerable<BatchItem<TChange>> InOrder(IEnumerable<BatchItem<TChange>> items) => items.OrderBy(i => i.Change.Id);

    public abstract Task<IReadOnlyList<Written<TRow>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<TChange>> items, LockMode mode, CancellationToken cancellationToken);

    public async Task<IReadOnlyList<Judgement<TChange, TRow>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<TChange>> left, bool skippedHeld, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<Guid, Seen<TRow>> seen = await LookUpAsync(scope, [.. left.Select(i => i.Change.Id)], cancellationToken).ConfigureAwait(false);
        return [.. left.Select(item => Judge(item, seen.TryGetValue(item.Change.Id, out Seen<TRow> found) ? found : null, skippedHeld, scope.Context.LockTimeout))];
    }

    /// <inheritdoc/>
    public virtual LeoException? Explain(PostgresException refusal) => null;

    /// <summary>Reads rows by id in a new snapshot.</summary>
    protected abstract Task<IReadOnlyDictionary<Guid, Seen<TRow>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>What else about a row stands in the way of its change; null for nothing.</summary>
    protected virtual LeoException? Obstacle(TChange change, TRow row) => null;

    /// <summary>Why a change that was not written failed, where that is known without a look; null for nothing.</summary>
    protected virtual LeoException? Settled(TChange change) => null;

    private Judgement<TChange, TRow> Judge(BatchItem<TChange> item, Seen<TRow>? found, bool skippedHeld, TimeSpan waited)
    {
        if (Settled(item.Change) is { } error)
        {
            return new Judgement<TChange, TRow>(null, error, null);
        }

        TRow? row = found?.Row;
        LeoException? obstacle = row is null ? null : Obstacle(item.Change, row);
        Verdict verdict = GuardedVerdict.Of<TStatus>(
            Noun, item.Guard, item.Change.Id, row, obstacle, skippedHeld && found is { Held: true }, role, waited, item.Relooked);
        return verdict.Kind == VerdictKind.LookAgain
            ? new Judgement<TChange, TRow>(null, null, item with { Guard = RowGuard.Of<TStatus>(row!), Relooked = true })
            : new Judgement<TChange, TRow>(null, verdict.Error, null);
    }
}
