using LeoPS.Executions;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>The statements by which queued runs are claimed.</summary>
/// <param name="sql">The table's statements.</param>
/// <param name="claim">What is wanted.</param>
/// <param name="keeper">Whoever will own the runs; null where nobody does.</param>
internal sealed class RunClaimStatements(ExecutionSql sql, RunClaim claim, RunKeeper? keeper)
{
    /// <summary>Locks what is free, the oldest first.</summary>
    public Task<IReadOnlyList<Guid>> ChooseAsync(StatementScope scope, IReadOnlyCollection<Guid> passedOver, CancellationToken cancellationToken) =>
        scope.RunAsync($"lock up to {claim.Count} queued executions", Candidates(passedOver), Results.IdsAsync, ids => ids.Count, cancellationToken);

    /// <summary>Starts what was locked.</summary>
    public Task<IReadOnlyList<ReadItem<FlowExecution>>> StartAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => scope.RunAsync(
        $"claim {ids.Count} executions",
        Claim(ids),
        // By the first returned row the server has written all of them: a stop must not lose which.
        (reader, _) => ReadRowsAsync(reader, CancellationToken.None),
        claimed => claimed.Count,
        cancellationToken);

    /// <summary>Looks at the queue.</summary>
    public Task<QueueSight> LookAsync(StatementScope scope, CancellationToken cancellationToken) =>
        scope.RunAsync("look at the queue", LookAtQueue(), ReadSightAsync, s => s.Waiting, cancellationToken);

    /// <summary>The choice with its values.</summary>
    internal Statement Candidates(IReadOnlyCollection<Guid> passedOver)
    {
        var statement = new Statement();
        string queue = Queue(statement, Flows(statement));
        statement.Text = ExecutionSql.Candidates(queue, statement.Add(passedOver.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid), Count(statement));
        return statement;
    }

    /// <summary>The claim with its values.</summary>
    internal Statement Claim(IReadOnlyList<Guid> ids)
    {
        var statement = new Statement();
        IReadOnlyList<ValueColumn> values = ValueColumn.UsedBy([claim.Values]);
        string[] arrays =
        [
            statement.Add((int[])[0], NpgsqlDbType.Array | NpgsqlDbType.Integer),
            .. values.Select(v => statement.Add(v.ArrayOf([claim.Values]), NpgsqlDbType.Array | v.Type)),
        ];
        string input = $"input({string.Join(", ", values.Select(v => v.Name).Prepend("at"))}) as (select * from unnest({string.Join(", ", arrays)}))";
        string at = statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        statement.Text = sql.Claim(
            input, MoveSql.Moves(statement, claim.Rules.Move), MoveSql.Target(statement, claim.Rules.Move), at, values, keeper?.Member(statement));
        return statement;
    }

    /// <summary>The look with its values.</summary>
    internal Statement LookAtQueue()
    {
        var statement = new Statement();
        string flows = Flows(statement);
        statement.Text = sql.LookAtQueue(flows, Queue(statement, flows), Count(statement));
        return statement;
    }

    private string Flows(Statement statement) => claim.FlowKey is { } key ? PatternSql.Matches(statement, "k.flow_key", [key], "-FlowKey") : "true";

    private string Queue(Statement statement, string flows) =>
        ExecutionSql.Queue(flows, claim.Rules.Force ? null : MoveSql.Texts(statement, RunStartRules.Runnable.Select(StatusNames<FlowStatus>.ToColumn)));

    private string Count(Statement statement) => statement.Add(claim.Count, NpgsqlDbType.Integer);

    private static async Task<IReadOnlyList<ReadItem<FlowExecution>>> ReadRowsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new ExecutionRowReader(reader);
        var claimed = new List<ReadItem<FlowExecution>>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            claimed.Add(rows.Read());
        }

        return claimed;
    }

    private static async Task<QueueSight> ReadSightAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        FlowStatus? status = !reader.IsDBNull(1) && StatusNames<FlowStatus>.TryFromColumn(reader.GetString(1), out FlowStatus known) ? known : null;
        Guid? free = reader.IsDBNull(3) ? null : reader.GetGuid(3);
        return new QueueSight(reader.GetInt64(0), status, reader.GetInt64(2), free, free is null ? null : $"{free} ({reader.GetString(4)})");
    }
}
