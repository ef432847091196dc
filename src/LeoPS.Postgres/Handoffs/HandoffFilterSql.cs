using LeoPS.Handoffs;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>The where and order by of a reading, all values as parameters.</summary>
internal static class HandoffFilterSql
{
    /// <summary>
    /// Since when a row has had its status, by the stamp of that status; ready has none, so the last change stands in.
    /// </summary>
    private const string StatusSince = """
        case h.handoff_status
                when 'preparing' then coalesce(h.prepared_at, h.updated_at, h.created_at)
                when 'ready' then coalesce(h.updated_at, h.prepared_at, h.created_at)
                when 'sent' then coalesce(h.sent_at, h.updated_at, h.created_at)
                else coalesce(h.response_at, h.updated_at, h.created_at)
            end
        """;

    /// <summary>The conditions of a filter; "where true" for the empty one.</summary>
    public static string Where(HandoffFilter filter, Statement statement, string? keyset = null) => $"where {Condition(filter, statement, keyset)}";

    /// <summary>The conditions of a filter as one; "true" for the empty one.</summary>
    public static string Condition(HandoffFilter filter, Statement statement, string? keyset = null)
    {
        // -Latest picks among all rows of the scope (SD, session); the other conditions then judge the one it picked.
        List<string> scope = Scope(filter, statement);
        List<string> conditions = [];
        if (filter.Latest)
        {
            conditions.Add($"""
                h.id in (
                    select distinct on (h.sd_id) h.id
                    from public.exec_handoff_preparations h
                    where {Join(scope)}
                    order by h.sd_id, h.prepared_at desc nulls last, h.id
                )
                """);
        }
        else
        {
            conditions.AddRange(scope);
        }

        if (filter.Ids is not null)
        {
            conditions.Add($"h.id = any({statement.Add(filter.Ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid)})");
        }

        if (filter.Statuses is not null)
        {
            conditions.Add($"h.handoff_status = any({MoveSql.Texts(statement, filter.Statuses.Select(StatusNames<HandoffStatus>.ToColumn))})");
        }

        if (filter.After is { } after)
        {
            conditions.Add($"h.prepared_at >= {statement.Add(after.ToUniversalTime(), NpgsqlDbType.TimestampTz)}");
        }

        if (filter.Before is { } before)
        {
            conditions.Add($"h.prepared_at < {statement.Add(before.ToUniversalTime(), NpgsqlDbType.TimestampTz)}");
        }

        if (filter.Stuck is { } stuck)
        {
            conditions.Add($"h.handoff_status <> 'accepted' and {StatusSince} < now() - {KeysetSql.Age(statement, stuck)}");
        }

        if (keyset is not null)
        {
            conditions.Add(keyset);
        }

        return Join(conditions);
    }

    /// <summary>The column of an order.</summary>
    public static string Column(HandoffOrder order) => order switch
    {
        HandoffOrder.Id => "h.id",
        HandoffOrder.PreparedAt => "h.prepared_at",
        HandoffOrder.SentAt => "h.sent_at",
        HandoffOrder.ResponseAt => "h.response_at",
        HandoffOrder.CreatedAt => "h.created_at",
        HandoffOrder.UpdatedAt => "h.updated_at",
        HandoffOrder.SdId => "h.sd_id",
        HandoffOrder.Status => "h.handoff_status",
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };

    private static List<string> Scope(HandoffFilter filter, Statement statement)
    {
        List<string> conditions = [];
        if (filter.SdIds is not null)
        {
            conditions.Add(DirectiveNames.Refers(statement, "h.sd_id", filter.SdIds));
        }

        if (filter.SessionIds is not null)
        {
            conditions.Add($"h.session_id = any({statement.Add(filter.SessionIds.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid)})");
        }

        return conditions;
    }

    private static string Join(IReadOnlyList<string> conditions) => conditions.Count == 0 ? "true" : string.Join("\n  and ", conditions);
}
