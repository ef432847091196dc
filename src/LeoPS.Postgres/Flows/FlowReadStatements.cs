using LeoPS.Flows;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.Flows;

/// <summary>The statements of a reading of flows.</summary>
internal sealed class FlowReadStatements(FlowSql sql) : ReadStatements<Flow, FlowFilter, FlowOrder>(sql)
{
    public override RowReader<Flow> Reader(NpgsqlDataReader reader) => new FlowRowReader(reader);

    protected override IEnumerable<string> Conditions(FlowFilter filter, Statement statement)
    {
        if (filter.Ids is not null || filter.OrKeys is not null)
        {
            List<string> either = [];
            if (filter.Ids is { } ids)
            {
                either.Add(ConditionSql.IsOneOf(statement, "f.id", ids));
            }

            if (filter.OrKeys is { } orKeys)
            {
                either.Add($"f.flow_key = any({MoveSql.Texts(statement, orKeys)})");
            }

            yield return $"({string.Join(" or ", either)})";
        }

        if (filter.FlowKeys is { } keys)
        {
            yield return PatternSql.Matches(statement, "f.flow_key", keys, "-FlowKey");
        }

        if (filter.Statuses is { } statuses)
        {
            yield return ConditionSql.IsOneOf(statement, "f.status", statuses);
        }

        if (filter.Tags is { } tags)
        {
            yield return $"f.tags && {MoveSql.Texts(statement, tags)}";
        }
    }

    protected override (string Column, string Type) Column(FlowOrder order) => order switch
    {
        FlowOrder.Id => ("f.id", "uuid"),
        FlowOrder.FlowKey => ("f.flow_key", "text"),
        FlowOrder.LastExecutedAt => ("f.last_executed_at", "timestamptz"),
        FlowOrder.ExecutionCount => ("f.execution_count", "integer"),
        FlowOrder.CreatedAt => ("f.created_at", "timestamptz"),
        FlowOrder.UpdatedAt => ("f.updated_at", "timestamptz"),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
