using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Flows;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>The update and the second look of a batch of executions.</summary>
/// <param name="sql">The table's statements.</param>
/// <param name="move">Where the rows go.</param>
/// <param name="seize">True for orphans: a row is moved only where its owner cannot come back meanwhile.</param>
internal sealed class ExecutionChangeStatements(ExecutionSql sql, StatusMove<ExecutionStatus> move, bool seize = false) : IChangeStatements<ExecutionChange, FlowExecution>
{
    private bool Starts => move.Target == ExecutionStatus.Running;

    /// <summary>True where the flow has a say: whoever starts a run of one that does not start has to force it.</summary>
    private bool AsksFlow => Starts && !move.Force;

    private string Further => (seize ? $"\n  and {OwnerSql.Seize}" : "") + (AsksFlow ? ExecutionSql.OfRunnableFlow : "");

    private bool Ends => move.Table.IsTerminal(move.Target);

    public async Task<IReadOnlyList<Written<FlowExecution>>> UpdateAsync(
        StatementScope scope, IReadOnlyList<BatchItem<ExecutionChange>> items, LockMode mode, CancellationToken cancellationToken)
    {
        IReadOnlyList<Written<FlowExecution>> written = await (items[0].Apart
            ? CloseLongAsync(scope, items, mode, cancellationToken)
            : UpdateTogetherAsync(scope, items, mode, cancellationToken)).ConfigureAwait(false);
        return await Reread.RunAsync(scope, sql, reader => new ExecutionRowReader(reader), written, row => row.Id).ConfigureAwait(false);
    }

    private Task<IReadOnlyList<Written<FlowExecution>>> UpdateTogetherAsync(
        StatementScope scope, IReadOnlyList<BatchItem<ExecutionChange>> items, LockMode mode, CancellationToken cancellationToken)
    {
        IReadOnlyList<ValueColumn> values = ValueColumn.UsedBy(Values(items));
        bool narrow = Ends && sql.AllowsNarrowReturning && !values.Any(v => v.IsOfGovernance)
            && items.All(i => i.Change.Row is not null && i.Guard?.RowVersion is not null && !i.Relooked);
        Statement statement = Update(items, mode, narrow);
        return scope.RunAsync(
            $"update executions to {move.Target} (batch of {items.Count}, locks {mode})",
            statement,
            // By the first returned row the server has written all of them: a stop must not lose which.
            (reader, _) => narrow ? ReadNarrowAsync(reader, items, values, CancellationToken.None) : new ExecutionRowReader(reader).AllWrittenAsync(),
            written => written.Count,
            cancellationToken);
    }

    public Task<IReadOnlyDictionary<Guid, Seen<FlowExecution>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = sql.LookUp(statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid), Ends);
        return scope.RunAsync($"look again at {ids.Count} executions", statement, ReadLookUpAsync, seen => seen.Count, cancellationToken);
    }

    /// <summary>The update with its values.</summary>
    internal Statement Update(IReadOnlyList<BatchItem<ExecutionChange>> items, LockMode mode, bool narrow) =>
        Compose(items, (input, moves, target, values) => sql.Update(input, moves, mode, target, values, Starts, narrow, Further));

    /// <summary>Closes runs whose time duration_ms cannot say: in two steps, or, where the trigger fails at the second, with the end left empty.</summary>
    private async Task<IReadOnlyList<Written<FlowExecution>>> CloseLongAsync(
        StatementScope scope, IReadOnlyList<BatchItem<ExecutionChange>> items, LockMode mode, CancellationToken cancellationToken)
    {
        try
        {
            return await scope.InTransactionAsync(inside => CloseInTwoStepsAsync(inside, items, mode, cancellationToken), null, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.NumericValueOutOfRange or PostgresErrorCodes.DatetimeFieldOverflow)
        {
            scope.Context.Log?.Invoke("the trigger computes the duration on every update: closing the long runs without an end");
            Statement statement = Compose(items, (input, moves, target, values) => sql.CloseLongWithoutEnd(input, moves, mode, target, values, Further));
            IReadOnlyList<Written<FlowExecution>> written = await scope.RunAsync(
                $"close {items.Count} long executions without an end", statement, (reader, _) => new ExecutionRowReader(reader).AllWrittenAsync(), w => w.Count, cancellationToken).ConfigureAwait(false);
            return [.. written.Select(Noted)];
        }
    }

    private async Task<IReadOnlyList<Written<FlowExecution>>> CloseInTwoStepsAsync(
        StatementScope scope, IReadOnlyList<BatchItem<ExecutionChange>> items, LockMode mode, CancellationToken cancellationToken)
    {
        Statement close = Compose(items, (input, moves, target, values) => sql.CloseLong(input, moves, mode, target, values, Further));
        Dictionary<Guid, int> places = await scope.RunAsync($"close {items.Count} long executions", close, ReadPlacesAsync, p => p.Count, cancellationToken).ConfigureAwait(false);
        var finish = new Statement();
        finish.Text = sql.FinishLong(finish.Add(places.Keys.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid));
        return await scope.RunAsync(
            "give them their end",
            finish,
            async (reader, _) =>
            {
                var rows = new ExecutionRowReader(reader);
                var written = new List<Written<FlowExecution>>();
                while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
                {
                    ReadItem<FlowExecution> item = rows.Read();
                    written.Add(Noted(new Written<FlowExecution>(places[item.Row.Id], item.Row, item.Error)));
                }

                return (IReadOnlyList<Written<FlowExecution>>)written;
            },
            w => w.Count,
            cancellationToken).ConfigureAwait(false);
    }

    private static Written<FlowExecution> Noted(Written<FlowExecution> written) => written with { Note = ExecutionDuration.Note(written.Row) };

    private Statement Compose(IReadOnlyList<BatchItem<ExecutionChange>> items, Func<string, string, string, IReadOnlyList<ValueColumn>, string> text)
    {
        var statement = new Statement { IsRepeated = items.Count == 1 };
        IReadOnlyList<RunValues> rows = Values(items);
        IReadOnlyList<ValueColumn> values = ValueColumn.UsedBy(rows);
        string input = MoveSql.Input(statement, items, [.. values.Select(v => (v.Name, statement.Add(v.ArrayOf(rows), NpgsqlDbType.Array | v.Type)))]);
        statement.Text = text(input, MoveSql.Moves(statement, move), MoveSql.Target(statement, move), values);
        return statement;
    }

    private IReadOnlyList<RunValues> Values(IReadOnlyList<BatchItem<ExecutionChange>> items) => [.. items.Select(i => i.Change.Written(move))];

    private async Task<IReadOnlyList<Written<FlowExecution>>> ReadNarrowAsync(
        NpgsqlDataReader reader, IReadOnlyList<BatchItem<ExecutionChange>> items, IReadOnlyList<ValueColumn> values, CancellationToken cancellationToken)
    {
        const int FirstValue = 4;
        var written = new List<Written<FlowExecution>>(items.Count);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            int at = reader.GetInt32(0);
            FlowExecution now = items[at].Change.Row!.Ended(
                move.Target,
                ExecutionRowReader.Time(reader, 2),
                reader.IsDBNull(3) ? null : reader.GetInt32(3),
                reader.GetFieldValue<uint>(1));
            for (int i = 0; i < values.Count; i++)
            {
                if (!reader.IsDBNull(FirstValue + i))
                {
                    values[i].Read(reader, FirstValue + i, now);
                }
            }

            written.Add(new Written<FlowExecution>(at, now, null));
        }

        return written;
    }

    private static async Task<Dictionary<Guid, int>> ReadPlacesAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var places = new Dictionary<Guid, int>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            places[reader.GetGuid(1)] = reader.GetInt32(0);
        }

        return places;
    }

    private async Task<IReadOnlyDictionary<Guid, Seen<FlowExecution>>> ReadLookUpAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new ExecutionRowReader(reader);
        var seen = new Dictionary<Guid, Seen<FlowExecution>>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            FlowExecution row = rows.Read().Row;
            FlowStatus? flow = FlowRowReader.StatusAt(reader, rows.Next + 2);
            LeoException? obstacle = AsksFlow && (flow is not { } status || !RunStartRules.Runnable.Contains(status))
                ? LeoErrors.FlowNotRunnable(row.FlowKey ?? row.FlowId.ToString(), flow)
                : null;
            seen[row.Id] = new Seen<FlowExecution>(row, reader.GetBoolean(rows.Next), reader.GetBoolean(rows.Next + 1), obstacle);
        }

        return seen;
    }
}
