using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>The delete and the second look of a batch of runs, and how those of a selection are found.</summary>
internal sealed class RunRemovalStatements(ExecutionSql sql, bool force) : IRemovalStatements<FlowExecution>
{
    public string Noun => ExecutionTransitions.Table.Noun;

    public Task<IReadOnlyList<Written<FlowExecution>>> DeleteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RowRemoval>> items, LockMode mode, CancellationToken cancellationToken) => scope.RunAsync(
        $"delete executions (batch of {items.Count}, locks {mode})",
        Delete(items, mode),
        (reader, _) => new ExecutionRowReader(reader).AllWrittenAsync(),
        w => w.Count,
        cancellationToken);

    public Task<IReadOnlyDictionary<Guid, Seen<FlowExecution>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        SecondLook.RunAsync(scope, sql, reader => new ExecutionRowReader(reader), ids, cancellationToken);

    public LeoException? Obstacle(FlowExecution row) => force ? null : RunEnd.Missing(row, RetentionRules.Advice);

    /// <summary>The delete with its values.</summary>
    internal Statement Delete(IReadOnlyList<BatchItem<RowRemoval>> items, LockMode mode)
    {
        var statement = new Statement();
        string input = MoveSql.Input(statement, items, []);
        statement.Text = sql.Delete(input, mode, force ? null : MoveSql.Texts(statement, RunEnd.Statuses.Select(StatusNames<ExecutionStatus>.ToColumn)));
        return statement;
    }

    /// <summary>Finds the next runs of a selection.</summary>
    internal static Statement Find(ExecutionSql sql, ExecutionFilter filter, Guid? after, int count)
    {
        var statement = new Statement();
        string? keyset = after is { } last ? $"e.id > {statement.Add(last, NpgsqlDbType.Uuid)}" : null;
        string where = ExecutionFilterSql.Where(filter, statement, keyset);
        statement.Text = sql.Find(where, KeysetSql.Limit(statement, count, 0));
        return statement;
    }

    /// <summary>What <see cref="Find"/> gives.</summary>
    internal static async Task<IReadOnlyList<RowRemoval>> ReadFoundAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var found = new List<RowRemoval>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            Guid id = reader.GetGuid(0);
            found.Add(new RowRemoval(id, new RowGuard(reader.IsDBNull(1) ? null : reader.GetFieldValue<uint>(1), reader.IsDBNull(2) ? null : reader.GetString(2), null), id));
        }

        return found;
    }
}
