using LeoPS.Handoffs;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;

namespace LeoPS.Postgres.Handoffs;

/// <summary>
/// The statement of Measure-HandoffPreparation: each SD's life is put in order of time, and only figures come back.
/// </summary>
internal static class HandoffMeasureSql
{
    /// <summary>
    /// What happened to a handoff, and when: it was prepared, which every handoff tells once, and it was answered. Here the rows
    /// tell it; a history of status changes knows the answers that rows have forgotten.
    /// </summary>
    private const string EventsOfRows = "(values ('prepared', h.prepared_at), (h.status, h.response_at))";

    /// <summary>The statement with its values.</summary>
    /// <param name="filter">Which handoffs; what an SD went through before and after them counts all the same.</param>
    /// <param name="groupBy">What to tell apart by, in the order in which the measures come; empty for one measure of all.</param>
    public static Statement Measure(HandoffFilter filter, IReadOnlyList<HandoffGroup> groupBy)
    {
        var statement = new Statement();
        // Whole lives are read, and with other conditions than the SD those that have a handoff to measure: a life with gaps would count wrong.
        HandoffFilter withinLives = filter with { SdIds = null };
        string sds = HandoffFilterSql.Condition(new HandoffFilter { SdIds = filter.SdIds }, statement);
        string chosen = HandoffFilterSql.Condition(withinLives, statement);
        string lives = withinLives == new HandoffFilter()
            ? sds
            : $"h.sd_id in (select h.sd_id from public.exec_handoff_preparations h where {sds} and {chosen})";
        string Group(HandoffGroup group, string expression, string type) => groupBy.Contains(group) ? expression : $"null::{type}";
        string Order(HandoffGroup group) => group == HandoffGroup.Status
            ? $"array_position({MoveSql.Texts(statement, StatusNames<HandoffStatus>.All.Select(StatusNames<HandoffStatus>.ToColumn))}, m.status)"
            : $"m.{Column(group)}";

        // Seconds as double precision hold microseconds over ten thousand years, and no interval of the server's has to be read.
        statement.Text = $"""
            with handoffs as (
                select h.id, h.sd_id, h.session_id, h.handoff_status as status,
                       {Usable("h.prepared_at")} as prepared_at,
                       {Usable("h.sent_at")} as sent_at,
                       {Usable("h.response_at")} as response_at,
                       ({chosen}) as chosen
                from public.exec_handoff_preparations h
                where {lives}
            ),
            events as (
                select h.id, h.sd_id, h.session_id, h.status, h.prepared_at, h.chosen, e.kind, e.at,
                       case when e.kind = 'prepared' then extract(epoch from h.sent_at - h.prepared_at)::float8 end as to_sent,
                       case when e.kind = 'prepared' then extract(epoch from h.response_at - h.sent_at)::float8 end as to_answered
                from handoffs h
                cross join lateral {EventsOfRows} as e(kind, at)
                where e.kind = 'prepared' or (e.kind in ('accepted', 'rejected') and e.at is not null)
            ),
            lives as (
                select e.*,
                       count(*) filter (where e.kind = 'prepared') over so_far as attempt,
                       count(*) filter (where e.kind = 'prepared' and e.status = 'accepted') over so_far as accepted_so_far,
                       lead(e.at) over so_far as next_at
                from events e
                -- Of what happened at one time a rejection comes last, so that only something later ends its block.
                window so_far as (partition by e.sd_id order by e.at, e.kind = 'rejected', e.id rows unbounded preceding)
            ),
            measures as (
                select {Group(HandoffGroup.Status, "l.status", "text")} as status,
                       {Group(HandoffGroup.SdId, "l.sd_id", "text")} as sd_id,
                       {Group(HandoffGroup.SessionId, "l.session_id", "uuid")} as session_id,
                       {Group(HandoffGroup.Day, "date_trunc('day', l.prepared_at, 'UTC')", "timestamptz")} as day,
                       {Group(HandoffGroup.Week, "date_trunc('week', l.prepared_at, 'UTC')", "timestamptz")} as week,
                       count(*) filter (where l.kind = 'prepared') as handoffs,
                       count(*) filter (where l.kind = 'prepared' and l.status = 'accepted') as accepted,
                       count(*) filter (where l.kind = 'prepared' and l.status = 'rejected') as rejections,
                       count(l.to_sent) as to_sent_count,
                       avg(l.to_sent) as to_sent_mean,
                       percentile_cont(array[0.5, 0.95]) within group (order by l.to_sent) as to_sent_percentiles,
                       count(l.to_answered) as to_answered_count,
                       avg(l.to_answered) as to_answered_mean,
                       percentile_cont(array[0.5, 0.95]) within group (order by l.to_answered) as to_answered_percentiles,
                       avg(l.attempt::float8) filter (where l.kind = 'prepared' and l.status = 'accepted' and l.accepted_so_far = 1) as attempts,
                       coalesce(sum(extract(epoch from l.next_at - l.at)::float8) filter (where l.kind = 'rejected'), 0) / 3600 as hours_blocked,
                       count(*) filter (where l.kind = 'rejected' and l.next_at is null) as still_blocked
                from lives l
                where l.chosen and l.kind <> 'accepted'
                {List("group by", groupBy.Select(Column))}
            )
            select m.*, sd.sd_key
            from measures m
            left join public.strategic_directives_v2 sd on sd.id = m.sd_id
            {List("order by", groupBy.Select(Order))}
            """;
        return statement;
    }

    private static string List(string clause, IEnumerable<string> items) => string.Join(", ", items) is { Length: > 0 } list ? $"{clause} {list}" : "";

    private static string Column(HandoffGroup group) => group switch
    {
        HandoffGroup.Status => "status",
        HandoffGroup.SdId => "sd_id",
        HandoffGroup.SessionId => "session_id",
        HandoffGroup.Day => "day",
        HandoffGroup.Week => "week",
        _ => throw new ArgumentOutOfRangeException(nameof(group)),
    };

    /// <summary>The times that objects can hold, and the differences of which no server refuses: within the years 1 to 9999.</summary>
    private static string Usable(string column) =>
        $"case when {column} between timestamptz '0001-01-01 00:00:00Z' and timestamptz '9999-12-31 23:59:59.999999Z' then {column} end";
}
