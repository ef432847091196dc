using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Executions;

/// <summary>Restarting and deleting rows of crewai_flow_executions over Npgsql.</summary>
internal sealed class ExecutionContentStore : IExecutionContentStore
{
    private readonly TableShapes<ExecutionSql> _sql = new(ExecutionColumns.Table, shape => new ExecutionSql(shape));
    private readonly IScopeSource _scopes;
    private readonly string _role;
    private readonly BulkRun<ExecutionSql, FlowExecution> _run;

    public ExecutionContentStore(IScopeSource scopes, string role)
    {
        _scopes = scopes;
        _role = role;
        _run = new BulkRun<ExecutionSql, FlowExecution>(_sql, scopes, role);
    }

    public Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> RestartAsync(
        RunStartRules rules, IReadOnlyList<RunRestart> batch, CallContext context, CancellationToken cancellationToken) =>
        _run.ApplyAsync(Restart(rules), batch, context, cancellationToken);

    public Task<AtomicResult<FlowExecution>> RestartAtomicallyAsync(
        RunStartRules rules, IReadOnlyList<RunRestart> restarts, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        _run.ApplyAtomicallyAsync(Restart(rules), restarts, batchSize, context, cancellationToken);

    public Task<RestartSight> LookAtRestartAsync(Guid id, CallContext context, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        async () =>
        {
            StatementScope scope = _scopes.For(context);
            var statements = new RestartStatements(await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false));
            return (await statements.LookAsync(scope, [id], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(id);
        },
        _role,
        cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> RemoveAsync(
        IReadOnlyList<RowRemoval> batch, bool force, IRowExport<FlowExecution>? export, CallContext context, CancellationToken cancellationToken) =>
        _run.RemoveAsync(Removal(force), batch, export, context, cancellationToken);

    public Task<AtomicResult<FlowExecution>> RemoveAtomicallyAsync(
        IReadOnlyList<RowRemoval> removals, bool force, int batchSize, IRowExport<FlowExecution>? export, CallContext context, CancellationToken cancellationToken) =>
        _run.RemoveAtomicallyAsync(Removal(force), removals, batchSize, export, context, cancellationToken);

    public Task<long> CountAsync(ExecutionFilter filter, CallContext context, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        () =>
        {
            var statement = new Statement();
            statement.Text = TableSql.Count(ExecutionColumns.Definition, ExecutionFilterSql.Where(filter, statement));
            return _scopes.For(context).RunAsync("count executions", statement, Results.CountAsync, n => n, cancellationToken);
        },
        _role,
        cancellationToken);

    public Task<IReadOnlyList<RowRemoval>> FindAsync(ExecutionFilter filter, Guid? after, int count, CallContext context, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        async () =>
        {
            StatementScope scope = _scopes.For(context);
            Statement statement = RunRemovalStatements.Find(await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false), filter, after, count);
            return await scope.RunAsync("find executions to delete", statement, RunRemovalStatements.ReadFoundAsync, f => f.Count, cancellationToken).ConfigureAwait(false);
        },
        _role,
        cancellationToken);

    private RemovalMaker<ExecutionSql, FlowExecution> Removal(bool force) =>
        (sql, export, atOnce) => new RemovalWork<FlowExecution, ExecutionStatus>(new RunRemovalStatements(sql, force), export, atOnce, _role);

    private Func<ExecutionSql, IBatchWork<RunRestart, FlowExecution>> Restart(RunStartRules rules) => sql => new RestartWork(new RestartStatements(sql), rules, _role);
}
