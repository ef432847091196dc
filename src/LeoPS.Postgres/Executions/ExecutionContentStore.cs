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

    private Func<ExecutionSql, IBatchWork<RunRestart, FlowExecution>> Restart(RunStartRules rules) => sql => new RestartWork(new RestartStatements(sql), rules, _role);
}
