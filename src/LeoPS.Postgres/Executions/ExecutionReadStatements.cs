using LeoPS.Executions;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using LeoPS.Statuses;
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

    /// <summary>Looks which of some runs have ended, or are not there.</summary>
    public Statement LookForEnds(IReadOnlyList<Guid> ids)
    {
        var statement = new Statement();
        string wanted = statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        statement.Text = sql.LookForEnds(wanted, MoveSql.Texts(statement, RunEnd.Statuses.Select(StatusNames<ExecutionStatus>.ToColumn)));
        return statement;
    }

    /// <summary>What <see cref="LookForEnds"/> gives.</summary>
    public static async Task<IReadOnlyList<WaitedRun>> ReadEndsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new ExecutionRowReader(reader);
        var seen = new List<WaitedRun>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            seen.Add(new WaitedRun(reader.GetGuid(rows.Next), reader.IsDBNull(0) ? null : rows.Read()));
        }

        return seen;
    }

    public RowReader<FlowExecution> Reader(NpgsqlDataReader reader) => new ExecutionRowReader(reader);
}
