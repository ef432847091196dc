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

    private BatchWriter<FlowSql, Flow> Writer => new(Sql, Scopes, FlowVerdict.Noun, Role);

    public IAsyncEnumerable<IReadOnlyList<ReadItem<Flow>>> ReadAsync(FlowQuery query, CallContext context, CancellationToken cancellationToken) =>
        ReadRowsAsync(sql => new FlowReadStatements(sql), query, context, cancellationToken);

    public Task<BulkResult<Flow>> CreateAsync(IReadOnlyList<NewFlow> flows, BulkOptions options, CallContext context, CancellationToken cancellationToken) =>
        Writer.WriteAsync(
            Creation,
            flows,
            options,
            context,
            cancellationToken,
            // By their keys, as every other writer: their ids are new.
            Enumerable.Range(0, flows.Count).OrderBy(i => flows[i].FlowKey, StringComparer.Ordinal));

    public Task<BulkResult<Flow>> EditAsync(IReadOnlyList<FlowEdit> edits, BulkOptions options, CallContext context, CancellationToken cancellationToken) =>
        Writer.WriteAsync(Edit, edits, options, context, cancellationToken);

    public Task<BulkResult<Flow>> RemoveAsync(
        FlowRemovalRules rules,
        IReadOnlyList<FlowRemoval> removals,
        BulkOptions options,
        IRowExport<Flow>? export,
        IRowExport<FlowExecution>? executions,
        CallContext context,
        CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            FlowExport? copies = Copies(export, executions);
            RemovalMaker<FlowSql, FlowRemoval, Flow> removal = await RemovalAsync(rules, copies, context, cancellationToken).ConfigureAwait(false);
            return await Writer.RemoveAsync(removal, removals, options, copies, context, cancellationToken).ConfigureAwait(false);
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
