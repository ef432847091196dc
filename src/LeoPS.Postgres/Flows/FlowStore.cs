using LeoPS.Changes;
using LeoPS.Flows;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;

namespace LeoPS.Postgres.Flows;

/// <summary>crewai_flows over Npgsql.</summary>
internal sealed class FlowStore(IScopeSource scopes, string role)
    : TableStore<FlowSql>(new(FlowColumns.Table, shape => new FlowSql(shape)), scopes, role), IFlowStore
{
    private readonly TableShapes<ExecutionSql> _executions = new(ExecutionColumns.Table, shape => new ExecutionSql(shape));

    private BulkRun<FlowSql, Flow> Bulk => new(Sql, Scopes, Role);

    public IAsyncEnumerable<IReadOnlyList<ReadItem<Flow>>> ReadAsync(FlowQuery query, CallContext context, CancellationToken cancellationToken) =>
        ReadRowsAsync(sql => new FlowReadStatements(sql), query, context, cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<Flow>>> CreateAsync(IReadOnlyList<NewFlow> batch, CallContext context, CancellationToken cancellationToken) =>
        Bulk.ApplyAsync(Creation, batch, context, cancellationToken);

    public Task<AtomicResult<Flow>> CreateAtomicallyAsync(IReadOnlyList<NewFlow> flows, int batchSize, CallContext context, CancellationToken cancellationToken) => WithSqlAsync(
        (_, sql) => new AtomicRun(Scopes.For(context)).ApplyAsync(
            (scope, part, token) => new BatchRunner<NewFlow, Flow>(Creation(sql), Role, LockMode.InOrder).ApplyAsync(scope, part, token),
            flows,
            // By their keys, as everybody meets them: their ids are new.
            Enumerable.Range(0, flows.Count).OrderBy(i => flows[i].FlowKey, StringComparer.Ordinal),
            batchSize,
            cancellationToken),
        context,
        cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<Flow>>> EditAsync(IReadOnlyList<FlowEdit> batch, CallContext context, CancellationToken cancellationToken) =>
        Bulk.ApplyAsync(Edit, batch, context, cancellationToken);

    public Task<AtomicResult<Flow>> EditAtomicallyAsync(IReadOnlyList<FlowEdit> edits, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        Bulk.ApplyAtomicallyAsync(Edit, edits, batchSize, context, cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<Flow>>> RemoveAsync(
        FlowRemovalRules rules,
        IReadOnlyList<FlowRemoval> batch,
        IRowExport<Flow>? export,
        IRowExport<FlowExecution>? executions,
        CallContext context,
        CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            FlowExport? copies = Copies(export, executions);
            return await Bulk.RemoveAsync(await RemovalAsync(rules, copies, context, cancellationToken).ConfigureAwait(false), batch, copies, context, cancellationToken)
                .ConfigureAwait(false);
        },
        cancellationToken);

    public Task<AtomicResult<Flow>> RemoveAtomicallyAsync(
        FlowRemovalRules rules,
        IReadOnlyList<FlowRemoval> removals,
        int batchSize,
        IRowExport<Flow>? export,
        IRowExport<FlowExecution>? executions,
        CallContext context,
        CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            FlowExport? copies = Copies(export, executions);
            return await Bulk.RemoveAtomicallyAsync(
                await RemovalAsync(rules, copies, context, cancellationToken).ConfigureAwait(false), removals, batchSize, copies, context, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyDictionary<Guid, FlowExecutionCount>> CountExecutionsAsync(
        IReadOnlyCollection<Guid> flowIds, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        () => FlowRemovalStatements.CountAsync(Scopes.For(context), flowIds, cancellationToken), cancellationToken);

    private static FlowExport? Copies(IRowExport<Flow>? flows, IRowExport<FlowExecution>? executions) =>
        flows is null && executions is null ? null : new FlowExport(flows, executions);

    private async Task<RemovalMaker<FlowSql, FlowRemoval, Flow>> RemovalAsync(
        FlowRemovalRules rules, FlowExport? copies, CallContext context, CancellationToken cancellationToken)
    {
        ExecutionSql? runs = rules.CopiesExecutions ? await _executions.ForAsync(Scopes.For(context), cancellationToken).ConfigureAwait(false) : null;
        return (sql, _, atOnce) => new FlowRemovalWork(new FlowRemovalStatements(sql, runs, rules), rules, copies, atOnce, Role);
    }

    private FlowCreateWork Creation(FlowSql sql) =>
        new(
            new FlowStatements(sql),
            new AdditionalColumnBatch<NewFlow>(FlowColumns.Definition, f => f.AdditionalColumns, Sql.ColumnsAsync),
            Role);

    private FlowEditWork Edit(FlowSql sql) =>
        new(
            new FlowStatements(sql),
            new AdditionalColumnBatch<FlowEdit>(FlowColumns.Definition, f => f.AdditionalColumns, Sql.ColumnsAsync),
            Role);
}
