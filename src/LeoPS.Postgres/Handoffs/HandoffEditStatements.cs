using LeoPS.Handoffs;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>The update of a batch of edits.</summary>
internal sealed class HandoffEditStatements(HandoffSql sql, EditRules rules, AdditionalColumnBatch<HandoffEdit>? additional = null)
{
    /// <summary>Edits the rows whose guard holds and whose columns can take what is added to them; returns each with its place.</summary>
    public Task<IReadOnlyList<Written<HandoffPreparation>>> UpdateAsync(
        StatementScope scope, IReadOnlyList<BatchItem<HandoffEdit>> items, LockMode mode, CancellationToken cancellationToken) => scope.RunAsync(
        $"edit handoffs (batch of {items.Count}, locks {mode})",
        Update(items, mode),
        (reader, _) => new HandoffRowReader(reader).AllWrittenAsync(),
        written => written.Count,
        cancellationToken);

    /// <summary>The update with its values.</summary>
    internal Statement Update(IReadOnlyList<BatchItem<HandoffEdit>> items, LockMode mode)
    {
        var statement = new Statement();
        HandoffValues[] values = [.. items.Select(i => i.Change.Values)];
        var content = new ContentParameters(statement, values, ContentParameters.UsedBy(values), absentJson: null);
        int givenByAll = values.Aggregate(~0, (all, v) => all & v.Given);
        AdditionalColumnSql unknown = additional?.AddTo(statement, items.Select(i => i.Change)) ?? AdditionalColumnSql.None;
        List<(string Name, string Array)> further = [.. content.Inputs, .. unknown.Inputs];
        if (content.Columns.Any(c => (c.Column.Bit & givenByAll) == 0))
        {
            further.Add(("given", statement.Add(values.Select(v => v.Given).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer)));
        }

        string[] assignments = [.. content.Columns.Select(c => Assignment(c.Column, c.Expression, (c.Column.Bit & givenByAll) != 0))];
        string condition = string.Concat(content.Columns.Where(c => c.Column.Kind == ContentKind.Json && rules.AddsTo(c.Column)).Select(c => OnlyObjects(c.Column, (c.Column.Bit & givenByAll) != 0)));
        statement.Text = sql.Edit(MoveSql.Input(statement, items, further), mode, assignments, condition, unknown);
        return statement;
    }

    /// <summary>What is added is added on the server, to what the row holds when it is locked: no other edit is lost.</summary>
    private string Assignment(ContentColumn column, string value, bool givenByAll)
    {
        string result = rules.AddsTo(column) ? $"coalesce(h.{column.Name}, '{{}}') || {value}" : value;
        return givenByAll ? $"{column.Name} = {result}" : $"{column.Name} = case when i.given & {column.Bit} <> 0 then {result} else h.{column.Name} end";
    }

    private static string OnlyObjects(ContentColumn column, bool givenByAll) =>
        $"\n      and ({(givenByAll ? "" : $"i.given & {column.Bit} = 0 or ")}h.{column.Name} is null or jsonb_typeof(h.{column.Name}) = 'object')";
}
