using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;

namespace LeoPS.Postgres.Handoffs;

/// <summary>A batch of changes that a handoff's guard decides about, and not its status.</summary>
internal abstract class HandoffGuardedWork<TChange>(HandoffSql sql, string role) : GuardedWork<TChange, HandoffPreparation, HandoffStatus>(HandoffTransitions.Table.Noun, role)
    where TChange : class, IRowChange
{
    protected override Task<IReadOnlyDictionary<Guid, Seen<HandoffPreparation>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        HandoffResults.LookUpAsync(sql, scope, ids, cancellationToken);
}
