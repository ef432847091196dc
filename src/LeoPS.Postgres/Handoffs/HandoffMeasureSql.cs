using LeoPS.Handoffs;
using LeoPS.Postgres.History;
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
    /// What happened to the handoffs, and when, as the rows tell it: each was prepared once, and the last answer stands on the row.
    /// </summary>
    private const string EventsOfRows = """
        events as (
            select h.*, e.kind, e.at, 1 as tries, (h.status = 'rejected')::int as rejections
            from handoffs h
            cross join lateral (values ('prepared', h.prepared_at), (h.status, h.response_at)) as e(kind, at)
            where e.kind = 'prepared' or (e.kind in ('accepted', 'rejected') and e.at is not null)
        )
        """;

    /// <summary>
    /// The same as the history tells it: every answer, and every time that work was taken up again after a rejection. A status that
    /// a row was inserted with is told by the row while it has it, since a row that was restored has the time of its answer; and so
    /// is an answer from before there was a history.
    /// </summary>
    private static readonly string _eventsOfHistory = $"""
        moves as (
            select x.row_id, x.from_status, x.to_status, x.changed_at,
                   x.from_status is null and lead(x.id) over (partition by x.row_id order by x.id) is null as told_by_row
            from {HistoryTable.Handoffs.QualifiedName} x
            where (x.from_status in ('accepted', 'rejected') or x.to_status in ('accepted', 'rejected'))
              and x.row_id in (select h.id from handoffs h)
        ),
        answers as (
            select m.row_id as id,
                   case when m.to_status in ('accepted', 'rejected') then m.to_status else 'resumed' end as kind,
                   m.changed_at as at
            from moves m
            where (m.to_status in ('accepted', 'rejected') and not m.told_by_row)
               or (m.from_status = 'rejected' and m.to_status in ('preparing', 'ready', 'sent'))
            union all
            select h.id, h.status, h.response_at
            from handoffs h
            where h.status in ('accepted', 'rejected')
              and not exists (select from moves m where m.row_id = h.id and m.to_status = h.status and not m.told_by_row)
        ),
        counts as (
            select a.id,
                   count(*) filter (where a.kind = 'resumed') as resumptions,
                   count(*) filter (where a.kind = 'rejected') as rejections
            from answers a
            group by a.id
        ),
        events as (
            select h.*, 'prepared' as kind, h.prepared_at as at, 1 + coalesce(c.resumptions, 0) as tries, coalesce(c.rejections, 0) as rejections
            from handoffs h
            left join counts c on c.id = h.id
            union all
            select h.*, a.kind, a.at, 0, 0
            from answers a
            join handoffs h on h.id = a.id
            where a.at is not null
        )
        """;

    /// <summary>The statement with its values.</summary>
    /// <param name="filter">Which handoffs; what an SD went through before and after them counts all the same.</param>
    /// <param name="groupBy">What to tell apart by, in the order in which the measures come; empty for one measure of all.</param>
    /// <param name="basis">What tells the events.</param>
    public static Statement Measure(HandoffFilter filter, IReadOnlyList<HandoffGroup> groupBy, MeasureBasis basis)
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
            ? $"array_position({MoveSql.Texts(statement, StatusNames<HandoffStatus>.All.Select(StatusNames<HandoffStatus>.ToColumn))}, m.status::text)"
            : $"m.{Column(group)}";

        // Seconds as double precision hold microseconds over ten thousand years, and no interval of the server's has to be read.
        statement.Text = $"""
            with handoffs as (
                select h.id, h.sd_id, h.session_id, h.handoff_status as status,
                       {MeasureSql.Usable("h.prepared_at")} as prepared_at,
                       {MeasureSql.Usable("h.sent_at")} as sent_at,
                       {MeasureSql.Usable("h.response_at")} as response_at,
                       ({chosen}) as chosen
                from public.exec_handoff_preparations h
                where {lives}
            ),
            {(basis == MeasureBasis.History ? _eventsOfHistory : EventsOfRows)},
            lives as (
                select e.*,
                       case when e.kind = 'prepared' then extract(epoch from e.sent_at - e.prepared_at)::float8 end as to_sent,
                       case when e.kind = 'prepared' then extract(epoch from e.response_at - e.sent_at)::float8 end as to_answered,
                       sum(e.tries) filter (where e.kind = 'prepared') over so_far as attempt,
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
                       coalesce(sum(l.rejections) filter (where l.kind = 'prepared'), 0)::bigint as rejections,
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
                where l.chosen and l.kind in ('prepared', 'rejected')
                {MeasureSql.List("group by", groupBy.Select(Column))}
            )
            select m.*, sd.sd_key
            from measures m
            left join public.strategic_directives_v2 sd on sd.id = m.sd_id
            {MeasureSql.List("order by", groupBy.Select(Order))}
            """;
        return statement;
    }

    private static string Column(HandoffGroup group) => group switch
    {
        HandoffGroup.Status => "status",
        HandoffGroup.SdId => "sd_id",
        HandoffGroup.SessionId => "session_id",
        HandoffGroup.Day => "day",
        HandoffGroup.Week => "week",
        _ => throw new ArgumentOutOfRangeException(nameof(group)),
    };
}
