using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Flows;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>The statement by which runs are restarted, and the look behind it.</summary>
internal sealed class RestartStatements(ExecutionSql sql)
{
    /// <summary>Restarts those that can be restarted, and gives the new runs.</summary>
    public async Task<IReadOnlyList<Written<FlowExecution>>> RestartAsync(
        StatementScope scope, RunStartRules rules, IReadOnlyList<BatchItem<RunRestart>> items, LockMode mode, CancellationToken cancellationToken)
    {
        IReadOnlyList<ReadItem<FlowExecution>> made = await scope.RunAsync(
            $"restart executions (batch of {items.Count}, locks {mode})",
            Restart(rules, items, mode),
            (reader, _) => new ExecutionRowReader(reader).AllMadeAsync(),
            made => made.Count,
            cancellationToken).ConfigureAwait(false);
        Dictionary<Guid, int> placeOf = Enumerable.Range(0, items.Count).ToDictionary(i => items[i].Change.NewId);
        made = await ExecutionRowReader.AsNewAsync(scope, sql, made).ConfigureAwait(false);
        return [.. made.Select(m => new Written<FlowExecution>(placeOf[m.Row.Id], m.Row, m.Error))];
    }

    /// <summary>Looks at runs that were to be restarted; one that is not visible is missing.</summary>
    public Task<IReadOnlyDictionary<Guid, RestartSight>> LookAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = sql.LookAtRestarts(statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid));
        return scope.RunAsync($"look at {ids.Count} executions and their flows", statement, ReadSightsAsync, s => s.Count, cancellationToken);
    }

    /// <summary>The statement with its values.</summary>
    internal Statement Restart(RunStartRules rules, IReadOnlyList<BatchItem<RunRestart>> items, LockMode mode)
    {
        var statement = new Statement();
        string newIds = statement.Add(items.Select(i => i.Change.NewId).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        string input = MoveSql.Input(statement, items, [("new_id", newIds)]);
        string ended = MoveSql.Texts(statement, RunEnd.Statuses.Select(StatusNames<ExecutionStatus>.ToColumn));
        string status = statement.Add(StatusNames<ExecutionStatus>.ToColumn(rules.Status), NpgsqlDbType.Text);
        string? runnable = rules.Force ? null : MoveSql.Texts(statement, RunStartRules.Runnable.Select(StatusNames<FlowStatus>.ToColumn));
        statement.Text = sql.Restart(input, mode, ended, status, runnable, again: rules.Force);
        return statement;
    }

    private static async Task<IReadOnlyDictionary<Guid, RestartSight>> ReadSightsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new ExecutionRowReader(reader);
        var sights = new Dictionary<Guid, RestartSight>();
        int next = rows.Next;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            FlowExecution row = rows.Read().Row;
            FlowStatus? status = FlowRowReader.StatusAt(reader, next + 2);
            sights[row.Id] = new RestartSight(
                row, reader.GetBoolean(next + 1), status, reader.IsDBNull(next + 3) ? null : reader.GetString(next + 3), reader.GetBoolean(next + 4), reader.GetBoolean(next), FlowHeld: false);
        }

        return sights;
    }
}
