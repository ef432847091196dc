using LeoPS.Handoffs;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Handoffs;

/// <summary>Every statement over exec_handoff_preparations beside those that all tables have.</summary>
internal sealed class HandoffSql(RelationShape shape) : TableSql(shape, HandoffColumns.Definition)
{
    /// <summary>True where an update may return only what it set: nothing on the server changes other columns.</summary>
    public bool AllowsNarrowReturning => HasRowVersion && !HasTriggersBeyond([]);

    /// <summary>Reads handoffs by id in a new snapshot.</summary>
    public string LookUp(string ids) => LookUp(ids, further: "");

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

    /// <summary>SD ids or keys that neither a directive nor a handoff has.</summary>
    public const string UnknownSds = """
        select k.key
        from unnest($1) with ordinality as k(key, ord)
        where not exists (select from public.strategic_directives_v2 sd where sd.id = k.key or sd.sd_key = k.key)
          and not exists (select from public.exec_handoff_preparations h where h.sd_id = k.key)
        order by k.ord
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
