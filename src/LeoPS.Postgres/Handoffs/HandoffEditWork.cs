using LeoPS.Handoffs;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;

namespace LeoPS.Postgres.Handoffs;

/// <summary>A batch of edits.</summary>
internal sealed class HandoffEditWork(HandoffSql sql, EditRules rules, AdditionalColumnBatch<HandoffEdit> additional, string role)
    : GuardedWork<HandoffEdit, HandoffPreparation, HandoffStatus>(HandoffTransitions.Table.Noun, role)
{
    public override AdditionalColumnBatch<HandoffEdit>? Additional => additional;

    public override Task<IReadOnlyList<Written<HandoffPreparation>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<HandoffEdit>> items, LockMode mode, CancellationToken cancellationToken) =>
        new HandoffEditStatements(sql, rules, additional).UpdateAsync(scope, items, mode, cancellationToken);

    protected override Task<IReadOnlyDictionary<Guid, Seen<HandoffPreparation>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        SecondLook.RunAsync(scope, sql, reader => new HandoffRowReader(reader), ids, cancellationToken);

    protected override LeoException? Obstacle(HandoffEdit change, HandoffPreparation row) => rules.Obstacle(change.Values, row, ((IStatusRow<HandoffStatus>)row).GetLabel());
}
