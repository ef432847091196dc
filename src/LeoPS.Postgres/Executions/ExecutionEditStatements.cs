using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>The update of a batch of runs that go on.</summary>
/// <param name="sql">The table's statements.</param>
/// <param name="force">True where runs that have ended are edited, too.</param>
internal sealed class ExecutionEditStatements(ExecutionSql sql, bool force)
{
    /// <summary>Edits the runs whose guard holds, and ends those that are over their budget; returns each with its place.</summary>
    public Task<IReadOnlyList<Written<FlowExecution>>> UpdateAsync(
        StatementScope scope, IReadOnlyList<BatchItem<ExecutionEdit>> items, LockMode mode, CancellationToken cancellationToken) => scope.RunAsync(
        $"edit executions (batch of {items.Count}, locks {mode})",
        Update(items, mode),
        // By the first returned row the server has written all of them: a stop must not lose which.
        async (reader, _) =>
        {
            var rows = new ExecutionRowReader(reader);
            return await rows.AllAsync(item => Written(item, reader.GetInt32(rows.Next), reader.GetBoolean(rows.Next + 1)), CancellationToken.None).ConfigureAwait(false);
        },
        written => written.Count,
        cancellationToken);

    /// <summary>The update with its values.</summary>
    internal Statement Update(IReadOnlyList<BatchItem<ExecutionEdit>> items, LockMode mode)
    {
        var statement = new Statement { IsRepeated = items.Count == 1 };
        RunUpdate[] updates = [.. items.Select(i => i.Change.Update)];
        var inputs = new List<(string Name, string Array)>();
        bool Uses<T>(string name, NpgsqlDbType type, Func<RunUpdate, T> value)
        {
            object?[] values = [.. updates.Select(u => (object?)value(u))];
            bool used = Array.Exists(values, v => v is not null);
            if (used)
            {
                inputs.Add((name, statement.Add(ColumnArray.Of(type, values), NpgsqlDbType.Array | type)));
            }

            return used;
        }

        string? Number<T>(string column, NpgsqlDbType type, Func<RunUpdate, T> absolute, Func<RunUpdate, T> added)
        {
            bool sets = Uses(column, type, absolute);
            bool adds = Uses($"add_{column}", type, added);
            string sum = adds ? $"case when i.add_{column} is null then e.{column} else coalesce(e.{column}, 0) + i.add_{column} end" : $"e.{column}";
            return sets ? $"coalesce(i.{column}, {sum})" : adds ? sum : null;
        }

        var assignments = new List<(string Column, string Value)>();
        void Assign(string column, string? value)
        {
            if (value is not null)
            {
                assignments.Add((column, value));
            }
        }

        Assign("token_count", Number("token_count", NpgsqlDbType.Integer, u => u.Values.TokenCount, u => u.AddTokens));
        Assign("cost_usd", Number("cost_usd", NpgsqlDbType.Numeric, u => u.Values.CostUsd, u => u.AddCostUsd));
        string? consumed = Number(Governance.BudgetConsumed, NpgsqlDbType.Integer, u => u.Values.BudgetConsumed, u => u.AddBudget);
        Assign(Governance.BudgetConsumed, consumed);
        string? limit = Uses(Governance.BudgetLimit, NpgsqlDbType.Integer, u => u.Values.BudgetLimit) ? $"coalesce(i.{Governance.BudgetLimit}, e.{Governance.BudgetLimit})" : null;
        Assign(Governance.BudgetLimit, limit);
        bool merges = Uses("added_metadata", NpgsqlDbType.Text, u => u.Values.AddedMetadata);
        bool replaces = Uses("metadata", NpgsqlDbType.Text, u => u.Values.Metadata);
        bool clears = Uses("clears_metadata", NpgsqlDbType.Boolean, u => u.ClearsMetadata ? true : (bool?)null);
        Assign("metadata", merges || replaces || clears ? ExecutionSql.EditedMetadata(merges, replaces, clears) : null);
        // Of a table without a budget no run can be over it.
        RunBudget? budget = sql.HasBudget ? new RunBudget(consumed ?? $"e.{Governance.BudgetConsumed}", limit ?? $"e.{Governance.BudgetLimit}") : null;
        string input = MoveSql.Input(statement, items, inputs);
        string going = MoveSql.Texts(statement, StatusNames<ExecutionStatus>.All.Where(s => !ExecutionTransitions.Table.IsTerminal(s)).Select(StatusNames<ExecutionStatus>.ToColumn));
        statement.Text = sql.Edit(input, mode, assignments, merges, budget, going, force);
        return statement;
    }

    private static Written<FlowExecution> Written(LeoPS.Reading.ReadItem<FlowExecution> item, int at, bool ended) => new(
        at,
        item.Row,
        item.Error ?? (ended ? ExecutionEdit.OverBudget(item.Row) : null),
        ended && item.Row.CompletedAt is null ? ExecutionDuration.Note(item.Row) : null);
}
