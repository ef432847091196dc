using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Executions;

/// <summary>A batch of edits of runs.</summary>
internal sealed class ExecutionEditWork(ExecutionSql sql, bool force, string role)
    : GuardedWork<ExecutionEdit, FlowExecution, ExecutionStatus>(ExecutionTransitions.Table.Noun, role)
{
    public override Task<IReadOnlyList<Written<FlowExecution>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<ExecutionEdit>> items, LockMode mode, CancellationToken cancellationToken) =>
        new ExecutionEditStatements(sql, force).UpdateAsync(scope, items, mode, cancellationToken);

    protected override Task<IReadOnlyDictionary<Guid, Seen<FlowExecution>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        SecondLook.RunAsync(scope, sql, reader => new ExecutionRowReader(reader), ids, cancellationToken);

    protected override LeoException? Obstacle(ExecutionEdit change, FlowExecution row) => change.Obstacle(row, force);
}
