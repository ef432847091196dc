using LeoPS.Flows;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Flows;

/// <summary>crewai_flows over Npgsql.</summary>
internal sealed class FlowStore(NpgsqlDataSource source, ConnectionSettings settings, string role) : IFlowStore
{
    private readonly TableShapes<FlowSql> _sql = new(FlowColumns.Table, shape => new FlowSql(shape));

    public IAsyncEnumerable<IReadOnlyList<ReadItem<Flow>>> ReadAsync(FlowQuery query, CallContext context, CancellationToken cancellationToken)
    {
        PooledScope scope = new(source, settings, context);
        var reading = new PagedReading<Flow, FlowFilter, FlowOrder>(
            async token => new FlowReadStatements(await _sql.ForAsync(scope, token).ConfigureAwait(false)), scope, role);
        return PostgresErrors.GuardAsync(token => reading.ReadAsync(query, settings.PageSize(query.PageSize), token), role, cancellationToken);
    }
}
