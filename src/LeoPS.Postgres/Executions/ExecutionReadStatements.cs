using LeoPS.Executions;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>The statements of a reading of executions.</summary>
internal sealed class ExecutionReadStatements(ExecutionSql sql) : IReadStatements<FlowExecution, ExecutionFilter, ExecutionOrder>
{
    private const string Id = "e.id";

    public string Noun => "execution";

    public Statement Select(RowQuery<ExecutionFilter, ExecutionOrder> query, ResumePoint? place, long rows, long skip)
    {
        var statement = new Statement();
        (string column, string type) = ExecutionFilterSql.Column(query.OrderBy);
        string? keyset = place is null ? null : KeysetSql.After(column, type, Id, query.Descending, place, statement);
        string where = ExecutionFilterSql.Where(query.Filter, statement, keyset);
        statement.Text = sql.Select(where, KeysetSql.OrderBy(column, Id, query.Descending), KeysetSql.Limit(statement, rows, skip));
        return statement;
    }

    public Statement? OrderKey(ExecutionOrder order, object id)
    {
        if (order == ExecutionOrder.Id)
        {
            return null;
        }

        var statement = new Statement();
        statement.Text = sql.OrderKey(ExecutionFilterSql.Column(order).Column, statement.Add(id, NpgsqlDbType.Uuid));
        return statement;
    }

    public RowReader<FlowExecution> Reader(NpgsqlDataReader reader) => new ExecutionRowReader(reader);
}
