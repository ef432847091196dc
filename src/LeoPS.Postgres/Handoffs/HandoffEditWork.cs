using LeoPS.Handoffs;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Statuses;

namespace LeoPS.Postgres.Handoffs;

/// <summary>A batch of edits.</summary>
internal sealed class HandoffEditWork(HandoffSql sql, EditRules rules, string role) : HandoffGuardedWork<HandoffEdit>(sql, role)
{
    private readonly HandoffEditStatements _statements = new(sql, rules);

    public override Task<IReadOnlyList<Written<HandoffPreparation>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<HandoffEdit>> items, LockMode mode, CancellationToken cancellationToken) =>
        _statements.UpdateAsync(scope, items, mode, cancellationToken);

    protected override LeoException? Obstacle(HandoffEdit change, HandoffPreparation row) => rules.Obstacle(change.Values, row, ((IStatusRow<HandoffStatus>)row).GetLabel());
}
