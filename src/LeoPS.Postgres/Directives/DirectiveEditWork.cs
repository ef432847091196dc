using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Directives;

/// <summary>A batch of edits of strategic directives, each named by id or key.</summary>
internal sealed class DirectiveEditWork(DirectiveSql sql, string role) : IBatchWork<RowEdit<string>, StrategicDirective>
{
    private readonly EditDocuments<string> _documents = new(DirectiveWritable.Table, sql.LiveColumns);
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    public string Noun => DirectiveVerdict.Noun;

    /// <summary>As given: of two names of one directive the first counts, and the statement itself goes through the rows in the order of their ids.</summary>
    public IEnumerable<BatchItem<RowEdit<string>>> InOrder(IEnumerable<BatchItem<RowEdit<string>>> items) => items;

    public async Task<IReadOnlyList<Written<StrategicDirective>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RowEdit<string>>> items, LockMode mode, CancellationToken cancellationToken)
    {
        IReadOnlyList<Written<StrategicDirective>> written = await _documents.WriteAsync<RowEdit<string>, StrategicDirective>(
            items,
            edit => (edit.Id, edit.Values),
            (usable, documents) => scope.RunAsync(
                $"edit directives (batch of {usable.Count}, locks {mode})",
                Update(sql, usable, documents, mode, _written),
                (reader, _) => new DirectiveRowReader(reader).AllWrittenAsync(),
                rows => rows.Count,
                cancellationToken)).ConfigureAwait(false);
        _written.UnionWith(written.Select(w => w.Row.Id));
        return written;
    }

    public async Task<IReadOnlyList<Judgement<RowEdit<string>, StrategicDirective>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RowEdit<string>>> left, bool skippedHeld, CancellationToken cancellationToken)
    {
        Dictionary<int, Seen<StrategicDirective>> seen = await LookUpAsync(scope, left, cancellationToken).ConfigureAwait(false);
        return [.. left.Select((item, at) =>
        {
            Seen<StrategicDirective>? found = seen.TryGetValue(at, out Seen<StrategicDirective> row) ? row : null;
            LeoException error = _documents.FaultOf(item.Change.Id)
                ?? (found is { } twice && _written.Contains(twice.Row.Id) ? LeoErrors.RepeatedId(Noun, DirectiveVerdict.Label(twice.Row)) : null)
                ?? DirectiveVerdict.OfEdit(item.Change, found?.Row, skippedHeld && found is { Held: true }, role, scope.Context.LockTimeout);
            return new Judgement<RowEdit<string>, StrategicDirective>(null, error, null);
        })];
    }

    /// <summary>The update with its values.</summary>
    internal static Statement Update(
        DirectiveSql sql, IReadOnlyList<BatchItem<RowEdit<string>>> items, IReadOnlyList<RowDocument> rows, LockMode mode, IReadOnlyCollection<string> written)
    {
        var statement = new Statement();
        var documents = new RowDocuments(statement, rows);
        string names = MoveSql.Texts(statement, items.Select(i => i.Change.Id));
        string input = MoveSql.Input(statement, "given", items, ("name", names), documents.Inputs);
        statement.Text = sql.Edit(input, mode, documents, MoveSql.Texts(statement, written));
        return statement;
    }

    /// <summary>The directives that the names of edits mean, in a new snapshot, by the places of the edits.</summary>
    private Task<Dictionary<int, Seen<StrategicDirective>>> LookUpAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RowEdit<string>>> left, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = sql.LookUpNames(MoveSql.Texts(statement, left.Select(i => i.Change.Id)));
        return scope.RunAsync(
            $"look again at {left.Count} {Noun}s",
            statement,
            async (reader, token) =>
            {
                var rows = new DirectiveRowReader(reader);
                return (await rows.AllAsync(
                    item => (At: reader.GetInt32(rows.Next + 1), Seen: new Seen<StrategicDirective>(item.Row, reader.GetBoolean(rows.Next))), token).ConfigureAwait(false))
                    .ToDictionary(r => r.At, r => r.Seen);
            },
            seen => seen.Count,
            cancellationToken);
    }
}
