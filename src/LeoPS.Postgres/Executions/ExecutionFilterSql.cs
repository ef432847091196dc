using LeoPS.Executions;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>The where of a reading of executions, all values as parameters.</summary>
internal static class ExecutionFilterSql
{
    /// <summary>The conditions of a filter; "where true" for the empty one.</summary>
    public static string Where(ExecutionFilter filter, Statement statement, string? keyset = null)
    {
        string Ids(IReadOnlyList<Guid> ids) => statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        string Time(DateTimeOffset time) => statement.Add(time.ToUniversalTime(), NpgsqlDbType.TimestampTz);
        List<string> conditions = [];
        if (filter.Ids is { } ids)
        {
            conditions.Add($"e.id = any({Ids(ids)})");
        }

        if (filter.FlowIds is { } flowIds)
        {
            conditions.Add($"e.flow_id = any({Ids(flowIds)})");
        }

        if (filter.FlowKeys is { } flowKeys)
        {
            conditions.Add(OfFlows(statement, "e.flow_id", flowKeys));
        }

        if (filter.ExecutionKeys is { } executionKeys)
        {
            conditions.Add(PatternSql.Matches(statement, "e.execution_key", executionKeys, "-ExecutionKey"));
        }

        if (filter.Statuses is { } statuses)
        {
            conditions.Add($"e.status = any({MoveSql.Texts(statement, statuses.Select(StatusNames<ExecutionStatus>.ToColumn))})");
        }

        if (filter.Modes is { } modes)
        {
            conditions.Add($"e.execution_mode = any({MoveSql.Texts(statement, modes.Select(StatusNames<ExecutionMode>.ToColumn))})");
        }

        if (filter.BoardMeetingIds is { } meetings)
        {
            conditions.Add($"e.board_meeting_id = any({Ids(meetings)})");
        }

        if (filter.ExecutedBy is { } users)
        {
            conditions.Add($"e.executed_by = any({Ids(users)})");
        }

        if (filter.After is { } after)
        {
            conditions.Add($"e.started_at >= {Time(after)}");
        }

        if (filter.Before is { } before)
        {
            conditions.Add($"e.started_at < {Time(before)}");
        }

        if (filter.OlderThan is { } age)
        {
            conditions.Add($"e.started_at <= now() - {KeysetSql.Age(statement, age)}");
        }

        if (filter.EndedLongerAgo is { } since)
        {
            conditions.Add($"coalesce(e.completed_at, e.started_at) < now() - {KeysetSql.Age(statement, since)}");
        }

        if (filter.Orphaned)
        {
            conditions.Add(OwnerSql.Orphaned);
        }

        if (keyset is not null)
        {
            conditions.Add(keyset);
        }

        return $"where {(conditions.Count == 0 ? "true" : string.Join("\n  and ", conditions))}";
    }

    /// <summary>The column is the id of a flow with one of these keys, with wildcards.</summary>
    public static string OfFlows(Statement statement, string column, IReadOnlyList<string> flowKeys) =>
        $"{column} in (select k.id from public.crewai_flows k where {PatternSql.Matches(statement, "k.flow_key", flowKeys, "-FlowKey")})";

    /// <summary>The column of an order, and the type that its values are compared as.</summary>
    public static (string Column, string Type) Column(ExecutionOrder order) => order switch
    {
        ExecutionOrder.Id => ("e.id", "uuid"),
        ExecutionOrder.StartedAt => ("e.started_at", "timestamptz"),
        ExecutionOrder.CompletedAt => ("e.completed_at", "timestamptz"),
        ExecutionOrder.ExecutionKey => ("e.execution_key", "text"),
        ExecutionOrder.DurationMs => ("e.duration_ms", "integer"),
        ExecutionOrder.TokenCount => ("e.token_count", "integer"),
        ExecutionOrder.CostUsd => ("e.cost_usd", "numeric"),
        ExecutionOrder.Status => ("e.status", "text"),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
