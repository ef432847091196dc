using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Handoffs;

/// <summary>The delete and the second look of a batch of handoffs.</summary>
internal sealed class HandoffRemovalStatements(HandoffSql sql) : IRemovalStatements<HandoffPreparation>
{
    public string Noun => HandoffTransitions.Table.Noun;

    public Task<IReadOnlyList<Written<HandoffPreparation>>> DeleteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RowRemoval>> items, LockMode mode, CancellationToken cancellationToken) => scope.RunAsync(
        $"delete handoffs (batch of {items.Count}, locks {mode})", Delete(items, mode), (reader, _) => new HandoffRowReader(reader).AllWrittenAsync(), w => w.Count, cancellationToken);

    public Task<IReadOnlyDictionary<Guid, Seen<HandoffPreparation>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        SecondLook.RunAsync(scope, sql, reader => new HandoffRowReader(reader), ids, cancellationToken);

    /// <summary>The delete with its values.</summary>
    internal Statement Delete(IReadOnlyList<BatchItem<RowRemoval>> items, LockMode mode)
    {
        var statement = new Statement();
        statement.Text = sql.Delete(MoveSql.Input(statement, items, []), mode);
        return statement;
    }
}
