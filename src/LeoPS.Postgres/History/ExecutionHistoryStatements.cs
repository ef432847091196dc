using LeoPS.History;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.History;

/// <summary>The status changes of crewai_flow_executions.</summary>
internal sealed class ExecutionHistoryStatements : IHistoryStatements<FlowExecutionHistoryEntry, ExecutionHistoryQuery>
{
    public HistoryTable Table => HistoryTable.Executions;

    public string Labels => "x.flow_id, x.execution_key, (select f.flow_key from public.crewai_flows f where f.id = x.flow_id) as flow_key";

    public IEnumerable<string> Conditions(ExecutionHistoryQuery query, Statement statement)
    {
        if (query.FlowKeys is { } flowKeys)
        {
            yield return ExecutionFilterSql.OfFlows(statement, "x.flow_id", flowKeys);
        }

        if (query.ExecutionKeys is { } executionKeys)
        {
            yield return PatternSql.Matches(statement, "x.execution_key", executionKeys, "-ExecutionKey");
        }
    }

    public RowReader<FlowExecutionHistoryEntry> Reader(NpgsqlDataReader reader) => new ExecutionHistoryRowReader(reader);
}
