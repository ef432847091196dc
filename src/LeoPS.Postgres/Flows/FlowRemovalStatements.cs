using LeoPS.Executions;
using LeoPS.Flows;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Flows;

/// <summary>The statements by which flows are deleted, with their values.</summary>
/// <param name="sql">The statements over flows.</param>
/// <param name="executions">The statements over executions; null where no copy of them is wanted.</param>
/// <param name="rules">What may go along.</param>
internal sealed class FlowRemovalStatements(FlowSql sql, ExecutionSql? executions, FlowRemovalRules rules)
{
    private static IEnumerable<string> Ended => RunEnd.Statuses.Select(StatusNames<ExecutionStatus>.ToColumn);

    /// <summary>Takes the locks of flows; gives the ids of those that are there.</summary>
    public static Task<HashSet<Guid>> LockAsync(StatementScope scope, IEnumerable<Guid> ids, LockMode mode, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = FlowSql.Lock(Ids(statement, ids), mode);
        return RunIdsAsync(scope, "lock flows", statement, cancellationToken);
    }

    /// <summary>The ids of the flows of a batch that may be deleted.</summary>
    public Task<HashSet<Guid>> FindDeletableAsync(StatementScope scope, IReadOnlyList<BatchItem<FlowRemoval>> items, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        string input = Input(statement, items);
        statement.Text = sql.Deletable(input, Condition(statement));
        return RunIdsAsync(scope, "look which flows can be deleted", statement, cancellationToken);
    }

    /// <summary>Deletes the executions of flows; gives each as it was.</summary>
    public Task<IReadOnlyList<ReadItem<FlowExecution>>> DeleteExecutionsAsync(StatementScope scope, IEnumerable<Guid> flowIds, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = executions!.DeleteOf(Ids(statement, flowIds));
        return scope.RunAsync("delete executions of flows", statement, (reader, _) => new ExecutionRowReader(reader).AllMadeAsync(), e => e.Count, cancellationToken);
    }

    /// <summary>Deletes the flows of a batch that may be deleted; gives each as it was, with its place.</summary>
    public Task<IReadOnlyList<Written<Flow>>> DeleteAsync(StatementScope scope, IReadOnlyList<BatchItem<FlowRemoval>> items, CancellationToken cancellationToken) =>
        scope.RunAsync($"delete flows (batch of {items.Count})", Delete(items), (reader, _) => new FlowRowReader(reader).AllWrittenAsync(), w => w.Count, cancellationToken);

    /// <summary>Reads flows by id in a new snapshot.</summary>
    public Task<IReadOnlyDictionary<Guid, Seen<Flow>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        SecondLook.RunAsync(scope, sql, reader => new FlowRowReader(reader), ids, cancellationToken);

    /// <summary>The executions of each flow.</summary>
    public static Task<IReadOnlyDictionary<Guid, FlowExecutionCount>> CountAsync(StatementScope scope, IEnumerable<Guid> ids, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = FlowSql.CountExecutions(Ids(statement, ids), MoveSql.Texts(statement, Ended));
        return scope.RunAsync("count executions of flows", statement, ReadCountsAsync, c => c.Count, cancellationToken);
    }

    /// <summary>The delete with its values.</summary>
    internal Statement Delete(IReadOnlyList<BatchItem<FlowRemoval>> items)
    {
        var statement = new Statement();
        string input = Input(statement, items);
        statement.Text = sql.Delete(input, Condition(statement));
        return statement;
    }

    private static string Ids(Statement statement, IEnumerable<Guid> ids) => statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);

    private static string Input(Statement statement, IReadOnlyList<BatchItem<FlowRemoval>> items) =>
        MoveSql.Input(statement, items, [("content_hash", MoveSql.Texts(statement, items.Select(i => i.Change.Known.ContentHash)))]);

    private static Task<HashSet<Guid>> RunIdsAsync(StatementScope scope, string shape, Statement statement, CancellationToken cancellationToken) => scope.RunAsync(
        shape,
        statement,
        async (reader, token) =>
        {
            var ids = new HashSet<Guid>();
            while (await reader.ReadAsync(token).ConfigureAwait(false))
            {
                ids.Add(reader.GetGuid(0));
            }

            return ids;
        },
        ids => ids.Count,
        cancellationToken);

    private static async Task<IReadOnlyDictionary<Guid, FlowExecutionCount>> ReadCountsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<Guid, FlowExecutionCount>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            counts[reader.GetGuid(0)] = new FlowExecutionCount(reader.GetInt64(1), reader.GetInt64(2), reader.GetBoolean(3));
        }

        return counts;
    }

    private string Condition(Statement statement) =>
        !rules.IncludeExecutions ? FlowSql.HasNone(null)
        : !rules.Force ? FlowSql.HasNone(MoveSql.Texts(statement, Ended))
        : rules.CopiesExecutions ? FlowSql.HidesNone
        : "";
}
