using LeoPS.Handoffs;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>Which handoffs a filter means.</summary>
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

    /// <summary>The where of a filter; "where true" for the empty one.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="statement">Takes the values.</param>
    /// <param name="last">One more condition; null for none.</param>
    public static string Where(HandoffFilter filter, Statement statement, string? last = null) => ConditionSql.Where(Conditions(filter, statement), last);

    /// <summary>The conditions of a filter as one; "true" for the empty one.</summary>
    public static string Condition(HandoffFilter filter, Statement statement) => ConditionSql.All(Conditions(filter, statement));

    /// <summary>The conditions of a filter; none for the empty one.</summary>
    public static IEnumerable<string> Conditions(HandoffFilter filter, Statement statement)
    {
        // -Latest picks among all rows of the scope (SD, session); the other conditions then judge the one it picked.
        IEnumerable<string> scope = Scope(filter, statement);
        if (filter.Latest)
        {
            scope =
            [
                $"""
                h.id in (
                    select distinct on (h.sd_id) h.id
                    from public.exec_handoff_preparations h
                    where {ConditionSql.All(scope)}
                    order by h.sd_id, h.prepared_at desc nulls last, h.id
                )
                """,
            ];
        }

        foreach (string condition in scope)
        {
            yield return condition;
        }

        if (filter.Ids is { } ids)
        {
            yield return ConditionSql.IsOneOf(statement, "h.id", ids);
        }

        if (filter.Statuses is { } statuses)
        {
            yield return ConditionSql.IsOneOf(statement, "h.handoff_status", statuses);
        }

        if (filter.After is { } after)
        {
            yield return $"h.prepared_at >= {statement.Add(after.ToUniversalTime(), NpgsqlDbType.TimestampTz)}";
        }

        if (filter.Before is { } before)
        {
            yield return $"h.prepared_at < {statement.Add(before.ToUniversalTime(), NpgsqlDbType.TimestampTz)}";
        }

        if (filter.Stuck is { } stuck)
        {
            yield return $"h.handoff_status <> 'accepted' and {StatusSince} < now() - {KeysetSql.Age(statement, stuck)}";
        }
    }

    private static IEnumerable<string> Scope(HandoffFilter filter, Statement statement)
    {
        if (filter.SdIds is { } sdIds)
        {
            yield return DirectiveNames.Refers(statement, "h.sd_id", sdIds);
        }

        if (filter.SessionIds is { } sessionIds)
        {
            yield return ConditionSql.IsOneOf(statement, "h.session_id", sessionIds);
        }
    }
}
