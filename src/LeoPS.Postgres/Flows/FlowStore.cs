using LeoPS.Flows;
using LeoPS.Ports;
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
}
