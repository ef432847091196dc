using LeoPS.Flows;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Flows;

/// <summary>The statements of a reading of flows.</summary>
internal sealed class FlowReadStatements(FlowSql sql) : IReadStatements<Flow, FlowFilter, FlowOrder>
{
    private const string Id = "f.id";

    public string Noun => "flow";

    public Statement Select(RowQuery<FlowFilter, FlowOrder> query, ResumePoint? place, long rows, long skip)
    {
        var statement = new Statement();
        (string column, string type) = Column(query.OrderBy);
        string? keyset = place is null ? null : KeysetSql.After(column, type, Id, query.Descending, place, statement);
        statement.Text = sql.Select(Where(query.Filter, statement, keyset), KeysetSql.OrderBy(column, Id, query.Descending), KeysetSql.Limit(statement, rows, skip));
        return statement;
    }

    public Statement? OrderKey(FlowOrder order, object id)
    {
        if (order == FlowOrder.Id)
        {
            return null;
        }

        var statement = new Statement();
        statement.Text = sql.OrderKey(Column(order).Column, statement.Add(id, NpgsqlDbType.Uuid));
        return statement;
    }

    public RowReader<Flow> Reader(NpgsqlDataReader reader) => new FlowRowReader(reader);

    private static string Where(FlowFilter filter, Statement statement, string? keyset)
    {
        List<string> conditions = [];
        if (filter.Ids is not null || filter.OrKeys is not null)
        {
            List<string> either = [];
            if (filter.Ids is { } ids)
            {
                either.Add($"f.id = any({statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid)})");
            }

            if (filter.OrKeys is { } orKeys)
            {
                either.Add($"f.flow_key = any({MoveSql.Texts(statement, orKeys)})");
            }

            conditions.Add($"({string.Join(" or ", either)})");
        }

        if (filter.FlowKeys is { } keys)
        {
            conditions.Add(PatternSql.Matches(statement, "f.flow_key", keys, "-FlowKey"));
        }

        if (filter.Statuses is { } statuses)
        {
            conditions.Add($"f.status = any({MoveSql.Texts(statement, statuses.Select(StatusNames<FlowStatus>.ToColumn))})");
        }

        if (filter.Tags is { } tags)
        {
            conditions.Add($"f.tags && {MoveSql.Texts(statement, tags)}");
        }

        if (keyset is not null)
        {
            conditions.Add(keyset);
        }

        return $"where {(conditions.Count == 0 ? "true" : string.Join("\n  and ", conditions))}";
    }

    private static (string Column, string Type) Column(FlowOrder order) => order switch
    {
        FlowOrder.Id => (Id, "uuid"),
        FlowOrder.FlowKey => ("f.flow_key", "text"),
        FlowOrder.LastExecutedAt => ("f.last_executed_at", "timestamptz"),
        FlowOrder.ExecutionCount => ("f.execution_count", "integer"),
        FlowOrder.CreatedAt => ("f.created_at", "timestamptz"),
        FlowOrder.UpdatedAt => ("f.updated_at", "timestamptz"),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
