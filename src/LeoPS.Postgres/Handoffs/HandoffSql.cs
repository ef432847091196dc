using LeoPS.Handoffs;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Handoffs;

/// <summary>Every statement over exec_handoff_preparations beside those that all tables have.</summary>
internal sealed class HandoffSql(RelationShape shape) : TableSql(shape, HandoffColumns.Definition)
{
    /// <summary>SD ids or keys that neither a directive nor a handoff has.</summary>
    public static readonly string UnknownSds = $"""
        select k.key
        from unnest($1) with ordinality as k(key, ord)
        where not exists (select from public.strategic_directives_v2 sd where {DirectiveNames.IsId("sd.id", "k.key")} or sd.sd_key = k.key)
          and not exists (select from public.exec_handoff_preparations h where {DirectiveNames.IsId("h.sd_id", "k.key")})
        order by k.ord
        """;

    /// <summary>The times that a handoff that is put back brings; as text, since the driver would turn the earliest one into -infinity.</summary>
    public static readonly IReadOnlyList<(string Column, Func<RestoredState, DateTimeOffset?> Of)> RestoredTimes =
    [
        ("prepared_at", s => s.PreparedAt),
        ("sent_at", s => s.SentAt),
        ("response_at", s => s.ResponseAt),
        ("created_at", s => s.CreatedAt),
        ("updated_at", s => s.UpdatedAt),
    ];

    /// <summary>True where an update may return only what it set: nothing on the server changes other columns.</summary>
    public bool AllowsNarrowReturning => HasRowVersion && !HasTriggersBeyond([]);

    /// <summary>Moves the rows of a batch whose guard holds.</summary>
    /// <param name="narrow">True to return only what the move sets.</param>
    public string Update(string input, string moves, LockMode mode, string target, string note, bool narrow) => UpdateBatch(
        input,
        moves,
        mode,
        Assignments(target, note),
        condition: "",
        narrow ? $"h.xmin as row_version, h.sent_at, h.response_at, h.updated_at{(note == "null" ? "" : ", h.post_implementation_notes")}" : null);

    /// <summary>Moves every handoff that matches. The rows come as they were met: whoever shows them puts them in order.</summary>
    /// <param name="returnRows">True for the rows, false for their number.</param>
    public string UpdateSelection(string where, string moves, LockMode mode, string target, string note, bool returnRows)
    {
        string locked = mode == LockMode.AsMet ? "" : $"""
            locked as materialized (
                select h.id
                from public.exec_handoff_preparations h
                {where} and h.handoff_status in (select m.from_status from moves m)
                order by h.id
                for update of h{(mode == LockMode.SkipHeld ? " skip locked" : "")}
            ),
            """;
        string from = mode == LockMode.AsMet
            ? $"from moves m\n    {where} and m.from_status = h.handoff_status"
            : "from locked i, moves m\n    where h.id = i.id and m.from_status = h.handoff_status";
        string with = $"""
            with {moves},
            {locked}
            changed as (
                update public.exec_handoff_preparations h
                set {Assignments(target, note)}
                {from}
                returning {(returnRows ? OwnColumns : "h.id")}
            )
            """;
        return returnRows
            ? $"""
                {with}
                {ChangedRows()}
                """
            : $"""
                {with}
                select count(*) from changed
                """;
    }

    /// <summary>
    /// Makes the handoffs of a batch whose references are found: the strategic directive by its id or else its key, the session by its id or
    /// else the directive's only active one.
    /// </summary>
    /// <param name="input">The relation of new handoffs: at, id, session_id, sd, and the names of <paramref name="content"/>.</param>
    /// <param name="content">What the input brings for the content columns, with what makes the column's value of it.</param>
    /// <param name="force">True where the directive may be another than the session's.</param>
    /// <param name="additional">Further columns.</param>
    public string Insert(string input, ContentParameters content, bool force, AdditionalColumnSql additional) => $"""
        with input(at, id, session_id, sd{content.InputNames}{additional.InputNames}) as (select * from {input}),
        {Directives(exact: false)},
        active(sd_id, id) as materialized (
            select s.sd_id, min(s.id::text)::uuid
            from public.exec_implementation_sessions s
            where s.status = 'active' and s.sd_id in (select d.id from directives d)
            group by s.sd_id
            having count(*) = 1
        ),
        changed as (
            insert into public.exec_handoff_preparations as h (id, session_id, sd_id, handoff_status{content.Names}{additional.Names}, prepared_at, created_at, updated_at)
            select i.id, s.id, coalesce(d.id, s.sd_id), 'preparing'{content.Expressions}{additional.Values}, now(), now(), now()
            from input i
            left join directives d on d.named = i.sd
            left join active a on a.sd_id = d.id
            join public.exec_implementation_sessions s on s.id = coalesce(i.session_id, a.id){additional.Join}
            where (i.sd is null or d.id is not null){(force ? "" : " and (i.sd is null or s.sd_id = d.id)")}
            order by i.at
            returning {OwnColumns}
        )
        {ChangedRows()}
        """;

    /// <summary>Puts the handoffs of a batch back as they were, where their directive and session are there and their id is free.</summary>
    /// <param name="input">The relation of handoffs: at, id, session_id, sd, handoff_status, the times, and the names of <paramref name="content"/>.</param>
    /// <param name="content">What the input brings for the content columns.</param>
    /// <param name="additional">Further columns.</param>
    public string Restore(string input, ContentParameters content, AdditionalColumnSql additional) => $"""
        with input(at, id, session_id, sd, handoff_status, {string.Join(", ", RestoredTimes.Select(t => t.Column))}{content.InputNames}{additional.InputNames}) as (select * from {input}),
        changed as (
            insert into public.exec_handoff_preparations as h (id, session_id, sd_id, handoff_status, {string.Join(", ", RestoredTimes.Select(t => t.Column))}{content.Names}{additional.Names})
            select i.id, i.session_id, i.sd, i.handoff_status, {string.Join(", ", RestoredTimes.Select(t => $"i.{t.Column}::timestamptz"))}{content.Expressions}{additional.Values}
            from input i{additional.Join}
            where exists (select from public.strategic_directives_v2 d where d.id = i.sd)
              and exists (select from public.exec_implementation_sessions s where s.id = i.session_id)
              and not exists (select from public.exec_handoff_preparations x where x.id = i.id)
            order by i.at
            returning {OwnColumns}
        )
        {ChangedRows()}
        """;

    /// <summary>What stands in the way of new handoffs: their directive, their session, whoever has their id. A row per draft, by its place.</summary>
    /// <param name="input">The relation of drafts: at, id, session_id, sd.</param>
    /// <param name="exact">True where a directive is meant by its id alone.</param>
    public static string LookAtDrafts(string input, bool exact) => $"""
        with input(at, id, session_id, sd) as (select * from {input}),
        {Directives(exact)}
        select d.id as sd_id, s.sd_id as session_sd,
               array(
                   select a.id from public.exec_implementation_sessions a
                   where a.sd_id = d.id and a.status = 'active'
                   order by a.started_at, a.id
               ) as active,
               exists (select from public.exec_handoff_preparations h where h.id = i.id) as is_there
        from input i
        left join directives d on d.named = i.sd
        left join public.exec_implementation_sessions s on s.id = i.session_id
        order by i.at
        """;

    /// <summary>Edits the rows of a batch whose guard holds.</summary>
    /// <param name="input">The definition of input: columns and relation.</param>
    /// <param name="mode">How locks are taken.</param>
    /// <param name="assignments">What is written beside updated_at.</param>
    /// <param name="condition">What else has to hold, beginning with " and"; empty for nothing.</param>
    /// <param name="additional">Further columns.</param>
    public string Edit(string input, LockMode mode, IEnumerable<string> assignments, string condition, AdditionalColumnSql additional) => $"""
        with {input}{Locked(mode)}, changed as (
            update public.exec_handoff_preparations h
            set {string.Concat(assignments.Concat(additional.Assignments).Select(a => $"{a},\n        "))}updated_at = now()
            from {(mode == LockMode.AsMet ? "input" : "locked")} i{additional.Join}
            where h.id = i.id and {Guard}{condition}
            returning i.at, {OwnColumns}
        )
        {ChangedRows("at")}
        """;

    /// <summary>Deletes the rows of a batch whose guard holds, and gives them as they were.</summary>
    public string Delete(string input, LockMode mode) => DeleteBatch(input, mode, condition: "");

    /// <summary>The strategic directives that the input names: an id wins over another directive's key of the same text.</summary>
    private static string Directives(bool exact) => $"""
        directives(named, id) as materialized (
            select n.sd, {(exact ? "(select d.id from public.strategic_directives_v2 d where d.id = n.sd)" : DirectiveNames.Resolve("n.sd"))}
            from (select distinct i.sd from input i) n
        )
        """;

    private static string Assignments(string target, string note) => $"""
        handoff_status = {target},
                {MoveSql.Stamps(HandoffTransitions.Table, "h")},
                updated_at = now(){Notes(note)}
        """;

    private static string Notes(string note) => note == "null" ? "" : $"""
        ,
                post_implementation_notes = concat_ws(E'\n', nullif(h.post_implementation_notes, ''),
                    to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || 'Z ' || {note})
        """;
}
