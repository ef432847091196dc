using LeoPS.Executions;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>The statements of a reading of executions.</summary>
internal sealed class ExecutionReadStatements(ExecutionSql sql) : ReadStatements<FlowExecution, ExecutionFilter, ExecutionOrder>(sql)
{
    private readonly ExecutionSql _sql = sql;

    /// <summary>Looks which of some runs have ended, or are not there.</summary>
    public Statement LookForEnds(IReadOnlyList<Guid> ids)
    {
        var statement = new Statement();
        string wanted = statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        statement.Text = _sql.LookForEnds(wanted, MoveSql.Texts(statement, RunEnd.Statuses.Select(StatusNames<ExecutionStatus>.ToColumn)));
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

    public override RowReader<FlowExecution> Reader(NpgsqlDataReader reader) => new ExecutionRowReader(reader);

    protected override IEnumerable<string> Conditions(ExecutionFilter filter, Statement statement)
    {
        Governance.Require(filter.GovernanceColumns, _sql.LiveColumns);
        return ExecutionFilterSql.Conditions(filter, statement);
    }

    protected override (string Column, string Type) Column(ExecutionOrder order) => order switch
    {
        ExecutionOrder.Id => ("e.id", "uuid"),
        ExecutionOrder.StartedAt => ("e.started_at", "timestamptz"),
        ExecutionOrder.CompletedAt => ("e.completed_at", "timestamptz"),
        ExecutionOrder.ExecutionKey => ("e.execution_key", "text"),
        ExecutionOrder.DurationMs => ("e.duration_ms", "integer"),
        ExecutionOrder.TokenCount => ("e.token_count", "integer"),
        ExecutionOrder.CostUsd => ("e.cost_usd", "numeric"),
        ExecutionOrder.Status => ("e.status", "text"),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
