using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Handoffs;

/// <summary>Every statement over exec_handoff_preparations, as text that a DBA can read and EXPLAIN.</summary>
internal sealed class HandoffSql(RelationShape shape)
{
    private static readonly string _columns = string.Join(", ", HandoffColumns.Known.Select(c => $"h.{c}"));

    /// <summary>Columns we don't know travel as one JSON object, whatever their types.</summary>
    private readonly string _beyond = shape.Beyond(HandoffColumns.Known) is { Count: > 0 } beyond
        ? $"jsonb_build_object({string.Join(", ", beyond.Select(c => $"'{c.Replace("'", "''")}', h.{Quote(c)}"))})"
        : "null::jsonb";

    private readonly string _rowVersion = shape.HasRowVersion ? "h.xmin" : "null::xid";

    /// <summary>True where an update may return only what it set: nothing on the server changes other columns.</summary>
    public bool AllowsNarrowReturning => shape is { HasRowVersion: true, HasForeignTriggers: false };

    /// <summary>Reads handoffs with the names of their directive.</summary>
    public string Select(string where, string orderBy, string limit) => $"""
        select {_columns}, {_rowVersion} as row_version, {_beyond} as beyond, sd.sd_key, sd.title
        from public.exec_handoff_preparations h
        left join public.strategic_directives_v2 sd on sd.id = h.sd_id
        {where}
        {orderBy}
        {limit}
        """;

    /// <summary>One row's value of an order column, as text: it may be one that no object can hold.</summary>
    public static string OrderKey(string column, string id) => $"select {column}::text from public.exec_handoff_preparations h where h.id = {id}";

    /// <summary>Counts handoffs.</summary>
    public static string Count(string where) => $"""
        select count(*)
        from public.exec_handoff_preparations h
        {where}
        """;

    /// <summary>
    /// Reads handoffs by id in a new snapshot. The last column tells whether a transaction holds or held a lock on the row.
    /// </summary>
    public string LookUp(string ids) => $"""
        select {_columns}, {_rowVersion} as row_version, {_beyond} as beyond, sd.sd_key, sd.title,
               {(shape.HasRowVersion ? "h.xmax <> '0'::xid" : "true")} as held
        from public.exec_handoff_preparations h
        left join public.strategic_directives_v2 sd on sd.id = h.sd_id
        where h.id = any({ids})
        """;

    /// <summary>
    /// Moves the rows of a batch whose guard holds. <paramref name="input"/> has a row per change, <paramref name="moves"/>
    /// one per status that may be left, with what it stamps.
    /// </summary>
    /// <param name="narrow">True to return only what the move sets.</param>
    public string Update(string input, string moves, LockMode mode, string target, string note, bool narrow)
    {
        string from = mode == LockMode.AsMet ? "input" : "locked";
        string locked = mode == LockMode.AsMet ? "" : $"""
            , locked as materialized (
                select i.*
                from public.exec_handoff_preparations h
                join input i on i.id = h.id
                order by h.id
                for update of h{(mode == LockMode.SkipHeld ? " skip locked" : "")}
            )
            """;
        string set = $"""
            update public.exec_handoff_preparations h
            set {Stamps(target, note)}
            from {from} i, moves m
            where h.id = i.id and m.from_status = h.handoff_status
              and {Guard}
            """;
        return narrow
            ? $"""
                with {Inputs(input, moves)}{locked}
                {set}
                returning i.at, h.xmin as row_version, h.sent_at, h.response_at, h.updated_at{(note == "null" ? "" : ", h.post_implementation_notes")}
                """
            : $"""
                with {Inputs(input, moves)}{locked}, changed as (
                    {set}
                    returning i.at, {_columns}, {_rowVersion} as row_version, {_beyond} as beyond
                )
                select {_columns}, h.row_version, h.beyond, sd.sd_key, sd.title, h.at
                from changed h
                left join public.strategic_directives_v2 sd on sd.id = h.sd_id
                """;
    }

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
            with moves(from_status, sent_stamp, response_stamp) as (select * from {moves}),
            {locked}
            changed as (
                update public.exec_handoff_preparations h
                set {Stamps(target, note)}
                {from}
                returning {(returnRows ? $"{_columns}, {_rowVersion} as row_version, {_beyond} as beyond" : "h.id")}
            )
            """;
        return returnRows
            ? $"""
                {with}
                select {_columns}, h.row_version, h.beyond, sd.sd_key, sd.title
                from changed h
                left join public.strategic_directives_v2 sd on sd.id = h.sd_id
                """
            : $"""
                {with}
                select count(*) from changed
                """;
    }

    /// <summary>SD ids or keys that neither a directive nor a handoff has.</summary>
    public const string UnknownSds = """
        select k.key
        from unnest($1) with ordinality as k(key, ord)
        where not exists (select from public.strategic_directives_v2 sd where sd.id = k.key or sd.sd_key = k.key)
          and not exists (select from public.exec_handoff_preparations h where h.sd_id = k.key)
        order by k.ord
        """;

    /// <summary>An identifier that has to be text, quoted by the driver.</summary>
    private static string Quote(string identifier)
    {
        using var builder = new NpgsqlCommandBuilder();
        return builder.QuoteIdentifier(identifier);
    }

    /// <summary>The same version; or, where the relation has none, the same status and updated_at.</summary>
    private string Guard => shape.HasRowVersion
        ? "(i.row_version is null or h.xmin = i.row_version)"
        : "(i.status is null or (h.handoff_status = i.status and h.updated_at is not distinct from i.updated_at))";

    private static string Inputs(string input, string moves) =>
        $"input(at, id, row_version, status, updated_at) as (select * from {input}), moves(from_status, sent_stamp, response_stamp) as (select * from {moves})";

    private static string Stamps(string target, string note) => $"""
        handoff_status = {target},
                sent_at = case m.sent_stamp when 'now' then now() when 'clear' then null else h.sent_at end,
                response_at = case m.response_stamp when 'now' then now() when 'clear' then null else h.response_at end,
                updated_at = now(){Notes(note)}
        """;

    private static string Notes(string note) => note == "null" ? "" : $"""
        ,
                post_implementation_notes = concat_ws(E'\n', nullif(h.post_implementation_notes, ''),
                    to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || 'Z ' || {note})
        """;
}
