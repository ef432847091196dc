using LeoPS.Executions;
using LeoPS.Postgres.Flows;
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
    /// <summary>Starts what is free, the oldest first.</summary>
    /// <param name="scope">Where the statement runs.</param>
    /// <param name="count">How many at the most.</param>
    /// <param name="passedOver">Ids that are not taken.</param>
    /// <param name="only">The one run that may be taken; null for any.</param>
    /// <param name="cancellationToken">Stops the claim.</param>
    public async Task<ClaimedRuns> ClaimAsync(
        StatementScope scope, int count, IReadOnlyCollection<Guid> passedOver, Guid? only, CancellationToken cancellationToken)
    {
        ClaimedRuns claimed = await scope.RunAsync(
            $"claim up to {count} executions",
            Claim(count, passedOver, only),
            // By the first returned row the server has written all of them: a stop must not lose which.
            (reader, _) => ReadClaimedAsync(reader, CancellationToken.None),
            claimed => claimed.Rows.Count,
            cancellationToken).ConfigureAwait(false);
        return claimed with
        {
            Rows = await Reread.RunAsync(scope, sql, reader => new ExecutionRowReader(reader), claimed.Rows, row => row.Id).ConfigureAwait(false),
        };
    }

    /// <summary>Looks at the queue.</summary>
    public Task<QueueSight> LookAsync(StatementScope scope, CancellationToken cancellationToken) =>
        scope.RunAsync("look at the queue", LookAtQueue(), ReadSightAsync, s => s.Waiting, cancellationToken);

    /// <summary>The id of the run that a claim of one would take; null where there is none.</summary>
    public Task<Guid?> FindOldestAsync(StatementScope scope, IReadOnlyCollection<Guid> passedOver, CancellationToken cancellationToken) => scope.RunAsync(
        "look for the oldest queued execution",
        Oldest(passedOver),
        async (reader, token) => await reader.ReadAsync(token).ConfigureAwait(false) ? reader.GetGuid(0) : (Guid?)null,
        id => id is null ? 0 : 1,
        cancellationToken);

    /// <summary>The claim with its values.</summary>
    internal Statement Claim(int count, IReadOnlyCollection<Guid> passedOver, Guid? only = null)
    {
        var statement = new Statement { IsRepeated = count == 1 && only is null };
        IReadOnlyList<ValueColumn> values = ValueColumn.UsedBy([claim.Values]);
        string[] arrays =
        [
            statement.Add((int[])[0], NpgsqlDbType.Array | NpgsqlDbType.Integer),
            .. values.Select(v => statement.Add(v.ArrayOf([claim.Values]), NpgsqlDbType.Array | v.Type)),
        ];
        string input = $"input({string.Join(", ", values.Select(v => v.Name).Prepend("at"))}) as (select * from unnest({string.Join(", ", arrays)}))";
        string left = statement.Add(passedOver.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        string moves = MoveSql.Moves(statement, claim.Rules.Move);
        string queue = Queue(statement, Flows(statement));
        if (only is { } id)
        {
            queue += $" and e.id = {statement.Add(id, NpgsqlDbType.Uuid)}";
        }

        // A plan that is kept takes a limit it does not know for a tenth of the table.
        string limit = count == 1 ? "1" : statement.Add(count, NpgsqlDbType.Integer);
        statement.Text = sql.Claim(
            input, moves, MoveSql.Target(statement, claim.Rules.Move), queue, left, limit, values, keeper?.Member(statement), keeper?.Owns("c.id") ?? "true");
        return statement;
    }

    /// <summary>The look for the oldest run with its values.</summary>
    internal Statement Oldest(IReadOnlyCollection<Guid> passedOver)
    {
        var statement = new Statement();
        string queue = Queue(statement, Flows(statement));
        statement.Text = ExecutionSql.OldestQueued(queue, statement.Add(passedOver.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid));
        return statement;
    }

    /// <summary>The look with its values.</summary>
    internal Statement LookAtQueue()
    {
        var statement = new Statement();
        string flows = Flows(statement);
        statement.Text = sql.LookAtQueue(flows, Queue(statement, flows), statement.Add(claim.Count, NpgsqlDbType.Integer));
        return statement;
    }

    private string Flows(Statement statement) => claim.FlowKey is { } key ? PatternSql.Matches(statement, "k.flow_key", [key], "-FlowKey") : "true";

    private string Queue(Statement statement, string flows) =>
        ExecutionSql.Queue(flows, claim.Rules.Force ? null : MoveSql.Texts(statement, RunStartRules.Runnable.Select(StatusNames<FlowStatus>.ToColumn)));

    private static async Task<ClaimedRuns> ReadClaimedAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var source = new ExecutionRowReader(reader);
        var rows = new List<ReadItem<FlowExecution>>();
        var passedOver = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (reader.IsDBNull(0))
            {
                passedOver.Add(reader.GetGuid(source.Next));
            }
            else
            {
                rows.Add(source.Read());
            }
        }

        return new ClaimedRuns(rows, passedOver);
    }

    private static async Task<QueueSight> ReadSightAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        FlowStatus? status = FlowRowReader.StatusAt(reader, 1);
        Guid? free = reader.IsDBNull(3) ? null : reader.GetGuid(3);
        return new QueueSight(reader.GetInt64(0), status, reader.GetInt64(2), free, free is null ? null : $"{free} ({reader.GetString(4)})");
    }
}
