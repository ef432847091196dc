using LeoPS.Changes;
using LeoPS.Flows;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;

namespace LeoPS.Postgres.Flows;

/// <summary>crewai_flows over Npgsql.</summary>
internal sealed class FlowStore(IScopeSource scopes, string role)
    : TableStore<FlowSql>(new(FlowColumns.Table, shape => new FlowSql(shape)), scopes, role), IFlowStore
{
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

    private FlowCreateWork Creation(FlowSql sql) =>
        new(new FlowStatements(sql), new AdditionalColumnBatch<NewFlow>(FlowColumns.Definition, f => f.AdditionalColumns, Sql.ColumnsAsync), Role);

    private FlowEditWork Edit(FlowSql sql) =>
        new(new FlowStatements(sql), new AdditionalColumnBatch<FlowEdit>(FlowColumns.Definition, f => f.AdditionalColumns, Sql.ColumnsAsync), Role);
}
