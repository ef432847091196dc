using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Executions;

/// <summary>Restarting and deleting rows of crewai_flow_executions over Npgsql.</summary>
internal sealed class ExecutionContentStore(IScopeSource scopes, string role)
    : TableStore<ExecutionSql>(new(ExecutionColumns.Table, shape => new ExecutionSql(shape)), scopes, role), IExecutionContentStore
{
    private BulkRun<ExecutionSql, FlowExecution> Bulk => new(Sql, Scopes, Role);

    public Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> RestartAsync(
        RunStartRules rules, IReadOnlyList<RunRestart> batch, CallContext context, CancellationToken cancellationToken) =>
        Bulk.ApplyAsync(Restart(rules), batch, context, cancellationToken);

    public Task<AtomicResult<FlowExecution>> RestartAtomicallyAsync(
        RunStartRules rules, IReadOnlyList<RunRestart> restarts, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        Bulk.ApplyAtomicallyAsync(Restart(rules), restarts, batchSize, context, cancellationToken);

    public Task<RestartSight> LookAtRestartAsync(Guid id, CallContext context, CancellationToken cancellationToken) => WithSqlAsync(
        async (scope, sql) => (await new RestartStatements(sql).LookAsync(scope, [id], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(id), context, cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> RemoveAsync(
        IReadOnlyList<RowRemoval> batch, bool force, IRowExport<FlowExecution>? export, CallContext context, CancellationToken cancellationToken) =>
        Bulk.RemoveAsync(Removal(force), batch, export, context, cancellationToken);

    public Task<AtomicResult<FlowExecution>> RemoveAtomicallyAsync(
        IReadOnlyList<RowRemoval> removals, bool force, int batchSize, IRowExport<FlowExecution>? export, CallContext context, CancellationToken cancellationToken) =>
        Bulk.RemoveAtomicallyAsync(Removal(force), removals, batchSize, export, context, cancellationToken);

    public Task<long> CountAsync(ExecutionFilter filter, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        () => RowCount.RunAsync(Scopes.For(context), ExecutionColumns.Definition, statement => ExecutionFilterSql.Where(filter, statement), cancellationToken), cancellationToken);

    public Task<IReadOnlyList<RowRemoval>> FindAsync(ExecutionFilter filter, Guid? after, int count, CallContext context, CancellationToken cancellationToken) => WithSqlAsync(
        (scope, sql) => scope.RunAsync(
            "find executions to delete", RunRemovalStatements.Find(sql, filter, after, count), RunRemovalStatements.ReadFoundAsync, f => f.Count, cancellationToken),
        context,
        cancellationToken);

    private RemovalMaker<ExecutionSql, RowRemoval, FlowExecution> Removal(bool force) =>
        (sql, export, atOnce) => new RemovalWork<FlowExecution, ExecutionStatus>(new RunRemovalStatements(sql, force), export, atOnce, Role);

    private Func<ExecutionSql, IBatchWork<RunRestart, FlowExecution>> Restart(RunStartRules rules) => sql => new RestartWork(new RestartStatements(sql), rules, Role);
}
