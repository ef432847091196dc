using LeoPS.Changes;
using LeoPS.Flows;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;

namespace LeoPS.Postgres.Flows;

/// <summary>crewai_flows over Npgsql.</summary>
internal sealed class FlowStore(IScopeSource scopes, string role) : IFlowStore
{
    private readonly TableShapes<FlowSql> _sql = new(FlowColumns.Table, shape => new FlowSql(shape));

    public IAsyncEnumerable<IReadOnlyList<ReadItem<Flow>>> ReadAsync(FlowQuery query, CallContext context, CancellationToken cancellationToken)
    {
        StatementScope scope = scopes.For(context);
        var reading = new PagedReading<Flow, FlowFilter, FlowOrder>(
            async token => new FlowReadStatements(await _sql.ForAsync(scope, token).ConfigureAwait(false)), scope, role);
        return PostgresErrors.GuardAsync(token => reading.ReadAsync(query, scopes.PageSize(query.PageSize), token), role, cancellationToken);
    }

    public Task<IReadOnlyList<ChangeOutcome<Flow>>> CreateAsync(IReadOnlyList<NewFlow> batch, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () => (IReadOnlyList<ChangeOutcome<Flow>>)await ApplyAsync(Creation, scopes.For(context), batch, LockMode.AsMet, cancellationToken).ConfigureAwait(false),
        cancellationToken);

    public Task<AtomicResult<Flow>> CreateAtomicallyAsync(IReadOnlyList<NewFlow> flows, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        ApplyAtomicallyAsync(Creation, flows, Enumerable.Range(0, flows.Count).OrderBy(i => flows[i].FlowKey, StringComparer.Ordinal), batchSize, context, cancellationToken);

    public Task<IReadOnlyList<ChangeOutcome<Flow>>> EditAsync(IReadOnlyList<FlowEdit> batch, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        async () => (IReadOnlyList<ChangeOutcome<Flow>>)await ApplyAsync(Edit, scopes.For(context), batch, LockMode.AsMet, cancellationToken).ConfigureAwait(false),
        cancellationToken);

    public Task<AtomicResult<Flow>> EditAtomicallyAsync(IReadOnlyList<FlowEdit> edits, int batchSize, CallContext context, CancellationToken cancellationToken) =>
        ApplyAtomicallyAsync(Edit, edits, Enumerable.Range(0, edits.Count).OrderBy(i => edits[i].Id), batchSize, context, cancellationToken);

    private FlowCreateWork Creation(FlowStatements statements) => new(statements, role);

    private FlowEditWork Edit(FlowStatements statements) => new(statements, role);

    private async Task<ChangeOutcome<Flow>[]> ApplyAsync<TChange>(
        Func<FlowStatements, IBatchWork<TChange, Flow>> work, StatementScope scope, IReadOnlyList<TChange> batch, LockMode mode, CancellationToken cancellationToken)
        where TChange : class, IRowChange
    {
        var statements = new FlowStatements(await _sql.ForAsync(scope, cancellationToken).ConfigureAwait(false));
        return await new BatchRunner<TChange, Flow>(work(statements), role, mode).ApplyAsync(scope, batch, cancellationToken).ConfigureAwait(false);
    }

    private Task<AtomicResult<Flow>> ApplyAtomicallyAsync<TChange>(
        Func<FlowStatements, IBatchWork<TChange, Flow>> work, IReadOnlyList<TChange> changes, IEnumerable<int> order, int batchSize, CallContext context, CancellationToken cancellationToken)
        where TChange : class, IRowChange => GuardAsync(
        async () =>
        {
            _ = await _sql.ForAsync(scopes.For(context), cancellationToken).ConfigureAwait(false);
            return await new AtomicRun(scopes.For(context)).ApplyAsync(
                (scope, part, token) => ApplyAsync(work, scope, part, LockMode.InOrder, token), changes, order, batchSize, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    private Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(work, role, cancellationToken);
}
