using LeoPS.Executions;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>Which executions a filter means.</summary>
internal static class ExecutionFilterSql
{
    /// <summary>The where of a filter; "where true" for the empty one.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="statement">Takes the values.</param>
    /// <param name="last">One more condition; null for none.</param>
    public static string Where(ExecutionFilter filter, Statement statement, string? last = null) => ConditionSql.Where(Conditions(filter, statement), last);

    /// <summary>The conditions of a filter; none for the empty one.</summary>
    public static IEnumerable<string> Conditions(ExecutionFilter filter, Statement statement)
    {
        string Time(DateTimeOffset time) => statement.Add(time.ToUniversalTime(), NpgsqlDbType.TimestampTz);
        if (filter.Ids is { } ids)
        {
            yield return ConditionSql.IsOneOf(statement, "e.id", ids);
        }

        if (filter.FlowIds is { } flowIds)
        {
            yield return ConditionSql.IsOneOf(statement, "e.flow_id", flowIds);
        }

        if (filter.FlowKeys is { } flowKeys)
        {
            yield return OfFlows(statement, "e.flow_id", flowKeys);
        }

        if (filter.ExecutionKeys is { } executionKeys)
        {
            yield return PatternSql.Matches(statement, "e.execution_key", executionKeys, "-ExecutionKey");
        }

        if (filter.Statuses is { } statuses)
        {
            yield return ConditionSql.IsOneOf(statement, "e.status", statuses);
        }

        if (filter.Modes is { } modes)
        {
            yield return ConditionSql.IsOneOf(statement, "e.execution_mode", modes);
        }

        if (filter.BoardMeetingIds is { } meetings)
        {
            yield return ConditionSql.IsOneOf(statement, "e.board_meeting_id", meetings);
        }

        if (filter.ExecutedBy is { } users)
        {
            yield return ConditionSql.IsOneOf(statement, "e.executed_by", users);
        }

        if (filter.VentureIds is { } ventures)
        {
            yield return ConditionSql.IsOneOf(statement, "e.venture_id", ventures);
        }

        if (filter.PrdIds is { } documents)
        {
            yield return ConditionSql.IsOneOf(statement, "e.prd_id", documents);
        }

        if (filter.SdIds is { } directives)
        {
            yield return PatternSql.Matches(statement, "e.sd_id", directives, "-SdId");
        }

        if (filter.BudgetLimits is { } limits)
        {
            yield return $"e.budget_limit = any({statement.Add(limits.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer)})";
        }

        if (filter.KilledByBudget)
        {
            yield return "e.killed_by_budget";
        }

        if (filter.After is { } after)
        {
            yield return $"e.started_at >= {Time(after)}";
        }

        if (filter.Before is { } before)
        {
            yield return $"e.started_at < {Time(before)}";
        }

        if (filter.OlderThan is { } age)
        {
            yield return $"e.started_at <= now() - {KeysetSql.Age(statement, age)}";
        }

        if (filter.EndedLongerAgo is { } since)
        {
            yield return $"coalesce(e.completed_at, e.started_at) < now() - {KeysetSql.Age(statement, since)}";
        }

        if (filter.Orphaned)
        {
            yield return OwnerSql.Orphaned;
        }
    }

    /// <summary>The column is the id of a flow with one of these keys, with wildcards.</summary>
    public static string OfFlows(Statement statement, string column, IReadOnlyList<string> flowKeys) =>
        $"{column} in (select k.id from public.crewai_flows k where {PatternSql.Matches(statement, "k.flow_key", flowKeys, "-FlowKey")})";
}
