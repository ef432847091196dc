using LeoPS.Flows;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using NpgsqlTypes;

namespace LeoPS.Postgres.Flows;

/// <summary>The statements by which flows are made and edited, with their values.</summary>
internal sealed class FlowStatements(FlowSql sql)
{
    /// <summary>Makes those that can be made, and gives them. All write the same columns.</summary>
    public Task<IReadOnlyList<ReadItem<Flow>>> InsertAsync(
        StatementScope scope, IReadOnlyList<NewFlow> flows, AdditionalColumnBatch<NewFlow> additional, CancellationToken cancellationToken) => scope.RunAsync(
        $"insert flows (batch of {flows.Count})",
        Insert(flows, additional),
        (reader, _) => new FlowRowReader(reader).AllMadeAsync(),
        made => made.Count,
        cancellationToken);

    /// <summary>Edits those that are still the ones that are known, and gives them with their places.</summary>
    public Task<IReadOnlyList<Written<Flow>>> UpdateAsync(
        StatementScope scope,
        IReadOnlyList<BatchItem<FlowEdit>> items,
        AdditionalColumnBatch<FlowEdit> additional,
        LockMode mode,
        CancellationToken cancellationToken) => scope.RunAsync(
        $"update flows (batch of {items.Count}, locks {mode})",
        Update(items, additional, mode),
        (reader, _) => new FlowRowReader(reader).AllWrittenAsync(),
        written => written.Count,
        cancellationToken);

    /// <summary>The flows that have one of these keys, by key.</summary>
    public async Task<Dictionary<string, Flow>> FindHoldersAsync(StatementScope scope, IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = sql.Holders(MoveSql.Texts(statement, keys));
        IReadOnlyList<Flow> holders = await scope.RunAsync(
            "look who has the keys", statement, (reader, token) => new FlowRowReader(reader).AllAsync(item => item.Row, token), r => r.Count, cancellationToken).ConfigureAwait(false);
        return holders.ToDictionary(f => f.FlowKey, StringComparer.Ordinal);
    }

    /// <summary>Reads flows by id in a new snapshot.</summary>
    public Task<IReadOnlyDictionary<Guid, Seen<Flow>>> LookUpAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        SecondLook.RunAsync(scope, sql, reader => new FlowRowReader(reader), ids, cancellationToken);

    private Statement Insert(IReadOnlyList<NewFlow> flows, AdditionalColumnBatch<NewFlow> additional)
    {
        var statement = new Statement();
        FlowValues[] values = [.. flows.Select(f => f.Values)];
        IReadOnlyList<FlowColumn> columns = FlowColumn.Among(values[0].Given);
        AdditionalColumnSql further = additional.AddTo(statement, flows);
        string[] arrays =
        [
            statement.Add(flows.Select(f => f.Id).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid),
            MoveSql.Texts(statement, flows.Select(f => f.FlowKey)),
            .. columns.Select(c => c.AddAll(statement, values)),
            .. further.Inputs.Select(i => i.Array),
        ];
        statement.Text = sql.Insert($"unnest({string.Join(", ", arrays)})", columns, further);
        return statement;
    }

    private Statement Update(IReadOnlyList<BatchItem<FlowEdit>> items, AdditionalColumnBatch<FlowEdit> additional, LockMode mode)
    {
        var statement = new Statement();
        FlowValues[] values = [.. items.Select(i => i.Change.Values)];
        IReadOnlyList<FlowColumn> columns = FlowColumn.Among(values[0].Given);
        AdditionalColumnSql unknown = additional.AddTo(statement, items.Select(i => i.Change));
        List<(string Name, string Array)> further = [("content_hash", MoveSql.Texts(statement, items.Select(i => i.Change.Known.ContentHash))), .. unknown.Inputs];
        // A definition of a megabyte for a thousand flows travels once.
        bool shared = Array.TrueForAll(values, v => ReferenceEquals(v, values[0]));
        if (!shared)
        {
            further.AddRange(columns.Select(c => ($"new_{c.Name}", c.AddAll(statement, values))));
        }

        string[] assignments = [.. columns.Select(c => $"{c.Name} = {(shared ? c.AddOne(statement, values[0]) : $"i.new_{c.Name}{c.Cast}")}")];
        statement.Text = sql.Update(MoveSql.Input(statement, items, further), mode, assignments, unknown);
        return statement;
    }
}
