using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Flows;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>The statements by which new runs are made.</summary>
/// <param name="sql">The table's statements.</param>
/// <param name="keeper">Whoever owns the runs; null where nobody does.</param>
/// <param name="additional">The columns that LeoPS does not know; null for none.</param>
internal sealed class RunStartStatements(ExecutionSql sql, RunKeeper? keeper = null, AdditionalColumnBatch<RunStart>? additional = null)
{
    /// <summary>The columns that every new run brings.</summary>
    private static readonly string[] _ofEvery = ["input_state", "board_meeting_id", "executed_by", "execution_mode", "metadata"];

    /// <summary>The columns that LeoPS does not know; null for none.</summary>
    public AdditionalColumnBatch<RunStart>? Additional => additional;

    /// <summary>Makes those that can be made, and gives them; each knows that it is new.</summary>
    public async Task<IReadOnlyList<ReadItem<FlowExecution>>> InsertAsync(
        StatementScope scope, RunStartRules rules, IReadOnlyList<RunStart> starts, CancellationToken cancellationToken)
    {
        // Where no index decides, of several with one key the first is sent; the look tells the others who has it.
        RunStart[] sent = sql.IsUnique("execution_key") ? [.. starts] : [.. starts.DistinctBy(s => s.ExecutionKey ?? (object)s.Id)];
        IReadOnlyList<ReadItem<FlowExecution>> made = await KeyLocks.InsertAsync(
            scope,
            sql,
            "execution_key",
            sent.Select(s => s.ExecutionKey).OfType<string>(),
            inside => inside.RunAsync(
                $"insert executions (batch of {sent.Length})",
                Insert(rules, sent),
                (reader, _) => new ExecutionRowReader(reader).AllMadeAsync(),
                made => made.Count,
                cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return await ExecutionRowReader.AsNewAsync(scope, sql, made).ConfigureAwait(false);
    }

    /// <summary>Looks what stands in the way: one sight per start, in the order given.</summary>
    public Task<IReadOnlyList<StartSight>> LookAsync(StatementScope scope, IReadOnlyList<RunStart> starts, CancellationToken cancellationToken) =>
        scope.RunAsync($"look at flows and keys of {starts.Count} executions", LookAt(starts), ReadSightsAsync, s => s.Count, cancellationToken);

    /// <summary>The ids of flows by their keys; keys that no visible flow has are missing.</summary>
    public static Task<Dictionary<string, Guid>> FindFlowsAsync(StatementScope scope, IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        var statement = new Statement(ExecutionSql.FlowIds);
        MoveSql.Texts(statement, keys);
        return scope.RunAsync("look up flows by key", statement, ReadFlowsAsync, f => f.Count, cancellationToken);
    }

    /// <summary>Locks a new run: true where the role could also change it.</summary>
    public static Task<bool> HoldAsync(StatementScope scope, Guid id, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = ExecutionSql.Hold(statement.Add(id, NpgsqlDbType.Uuid));
        return scope.RunAsync("lock the new execution", statement, (reader, token) => reader.ReadAsync(token), held => held ? 1 : 0, cancellationToken);
    }

    /// <summary>The look with its values.</summary>
    internal Statement LookAt(IReadOnlyList<RunStart> starts)
    {
        var statement = new Statement();
        string[] arrays =
        [
            .. Places(statement, starts), .. Flows(statement, starts), Texts(statement, starts, s => s.ExecutionKey),
            Texts(statement, starts, s => s.Values.InputState), Ids(statement, starts.Select(s => s.Restored is null ? null : (Guid?)s.Id)),
        ];
        statement.Text = sql.LookAtStarts($"unnest({string.Join(", ", arrays)})");
        return statement;
    }

    /// <summary>The insert with its values.</summary>
    internal Statement Insert(RunStartRules rules, IReadOnlyList<RunStart> starts)
    {
        if (starts[0].Restored is not null)
        {
            return Restore(starts);
        }

        var statement = new Statement();
        AdditionalColumnSql unknown = additional?.AddTo(statement, starts) ?? AdditionalColumnSql.None;
        string[] arrays =
        [
            .. Places(statement, starts),
            statement.Add(starts.Select(s => s.Id).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid),
            .. Flows(statement, starts),
            Texts(statement, starts, s => s.ExecutionKey),
            Texts(statement, starts, s => s.Values.InputState),
            Ids(statement, starts.Select(s => s.Values.BoardMeetingId)),
            Ids(statement, starts.Select(s => s.Values.ExecutedBy)),
            Texts(statement, starts, s => s.Values.ExecutionMode is { } mode ? StatusNames<ExecutionMode>.ToColumn(mode) : null),
            Texts(statement, starts, s => s.Values.Metadata),
            .. unknown.Inputs.Select(i => i.Array),
        ];
        RunValues[] values = [.. starts.Select(s => s.Values)];
        ValueColumn[] further = [.. ValueColumn.UsedBy(values).Where(c => !c.Adds && !_ofEvery.Contains(c.Name))];
        bool records = starts.Any(s => s.State is not null);
        string[] state = records
            ?
            [
                Texts(statement, starts, s => s.State is { } run ? StatusNames<ExecutionStatus>.ToColumn(run.Status) : null),
                Texts(statement, starts, s => TimeText(s.State?.StartedAt)),
                Texts(statement, starts, s => TimeText(s.State?.CompletedAt)),
            ]
            : [];
        arrays = [.. arrays, .. state, .. further.Select(f => statement.Add(f.ArrayOf(values), NpgsqlDbType.Array | f.Type))];
        string status = statement.Add(StatusNames<ExecutionStatus>.ToColumn(rules.Status), NpgsqlDbType.Text);
        string? runnable = rules.Force ? null : MoveSql.Texts(statement, RunStartRules.Runnable.Select(StatusNames<FlowStatus>.ToColumn));
        string? ended = records ? MoveSql.Texts(statement, RunEnd.Statuses.Select(StatusNames<ExecutionStatus>.ToColumn)) : null;
        statement.Text = sql.Insert(new RunInsert($"unnest({string.Join(", ", arrays)})", status, runnable, keeper?.Member(statement), further, ended, unknown));
        return statement;
    }

    /// <summary>The insert of runs that are put back, with its values. All of a call are, or none is.</summary>
    private Statement Restore(IReadOnlyList<RunStart> starts)
    {
        var statement = new Statement();
        string[] arrays =
        [
            .. Places(statement, starts),
            Ids(statement, starts.Select(s => (Guid?)s.Id)),
            Ids(statement, starts.Select(s => s.FlowId)),
            Texts(statement, starts, s => s.ExecutionKey),
            Texts(statement, starts, s => s.Restored!.InputState),
            Texts(statement, starts, s => s.Restored!.OutputState),
            Texts(statement, starts, s => s.Restored!.Metadata),
            Texts(statement, starts, s => s.Restored!.Row),
        ];
        statement.Text = sql.Restore($"unnest({string.Join(", ", arrays)})", [.. starts.SelectMany(s => s.Restored!.AdditionalColumns).Distinct(StringComparer.Ordinal)]);
        return statement;
    }

    private static string Ids(Statement statement, IEnumerable<Guid?> ids) => statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);

    private static string? TimeText(DateTimeOffset? time) => time is { } known ? KeysetSql.TimeText(known) : null;

    private static string[] Places(Statement statement, IReadOnlyList<RunStart> starts) =>
        [statement.Add(Enumerable.Range(0, starts.Count).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer)];

    private static string[] Flows(Statement statement, IReadOnlyList<RunStart> starts) =>
    [
        Ids(statement, starts.Select(s => s.FlowId)),
        MoveSql.Texts(statement, starts.Select(s => s.FlowKey)),
    ];

    private static string Texts(Statement statement, IReadOnlyList<RunStart> starts, Func<RunStart, string?> value) => MoveSql.Texts(statement, starts.Select(value));

    private static async Task<IReadOnlyList<StartSight>> ReadSightsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new ExecutionRowReader(reader);
        var sights = new List<StartSight>();
        int next = rows.Next + 1;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            Guid? flow = reader.IsDBNull(next) ? null : reader.GetGuid(next);
            string? key = reader.IsDBNull(next + 1) ? null : reader.GetString(next + 1);
            FlowStatus? status = FlowRowReader.StatusAt(reader, next + 2);
            FlowExecution? existing = reader.IsDBNull(0) ? null : rows.Read().Row;
            sights.Add(new StartSight(flow, key, status, existing, reader.GetBoolean(next + 3), FlowHeld: false, reader.GetBoolean(next + 4)));
        }

        return sights;
    }

    private static async Task<Dictionary<string, Guid>> ReadFlowsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var flows = new Dictionary<string, Guid>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            flows[reader.GetString(0)] = reader.GetGuid(1);
        }

        return flows;
    }
}
