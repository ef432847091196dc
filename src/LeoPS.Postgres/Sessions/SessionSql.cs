using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Sessions;

/// <summary>Every statement over exec_implementation_sessions beside those that all tables have.</summary>
internal sealed class SessionSql(RelationShape shape) : TableSql(shape, SessionColumns.Definition)
{
    private const string CompletedAt = "completed_at";
    private const string UpdatedAt = "updated_at";

    /// <summary>The directive of each name, and its active sessions: at least a row per name, in the order of the names; behind the session come the place and the directive.</summary>
    public string Active(string names) => $"""
        select {OwnColumns}{Names}, i.at, d.id as directive_id, d.sd_key as directive_key, d.title::text as directive_title
        from unnest({names}) with ordinality as i(name, at)
        left join public.strategic_directives_v2 d on d.id = {DirectiveNames.Resolve("i.name")}
        left join public.exec_implementation_sessions s on s.sd_id = d.id and {Of("status")} = 'active'
        left join public.strategic_directives_v2 sd on sd.id = s.sd_id
        order by i.at, {Of("started_at")}, s.id
        """;

    /// <summary>Makes a session, unless the directive is unknown, or the session is a second active one.</summary>
    /// <param name="record">The row as a relation; see <see cref="LiveColumns.Record"/>.</param>
    /// <param name="columns">The columns of the relation.</param>
    /// <param name="name">The directive's id or key.</param>
    /// <param name="isOver">True for a session that has ended.</param>
    public string Insert(string record, IReadOnlyList<string> columns, string name, bool isOver)
    {
        // A time that the user gave stays; the others are the server's.
        string[] stamps = [.. Stamps(isOver).Where(c => LiveColumns.Contains(c) && !columns.Contains(c))];
        return $"""
            with wanted as (select * from {record}),
            changed as (
                insert into public.exec_implementation_sessions as s ({List(columns)}{string.Concat(stamps.Select(c => $", {c}"))})
                select {string.Join(", ", columns.Select(c => c == "sd_id" ? "d.id" : List([c], "w.")))}{string.Concat(stamps.Select(_ => ", now()"))}
                from wanted w
                join public.strategic_directives_v2 d on d.id = {DirectiveNames.Resolve(name)}
                where w.status::text <> 'active' or not exists (
                    select from public.exec_implementation_sessions a where a.sd_id = d.id and a.status::text = 'active')
                returning {WrittenColumns}
            )
            {ChangedRows()}
            """;
    }

    /// <summary>
    /// Edits the rows of a batch whose guard holds. A session that ends gets completed_at from the server's clock, and keeps the one it has where it had
    /// that status already; one that goes on loses it. A directive gets no second active session, neither beside another one nor from the same batch.
    /// </summary>
    /// <param name="input">The definition of input: columns and relation.</param>
    /// <param name="mode">How locks are taken.</param>
    /// <param name="documents">What each row writes.</param>
    /// <param name="status">The status that all rows get; null where they keep theirs.</param>
    public string Edit(string input, LockMode mode, RowDocuments documents, SessionStatus? status)
    {
        bool stampsEnd = status is not null && LiveColumns.Contains(CompletedAt);
        List<string> assignments = [.. documents.Columns.Where(c => c != CompletedAt || !stampsEnd).Select(c => documents.Assignment(c, "s"))];
        if (stampsEnd && documents.IsInAll(CompletedAt))
        {
            assignments.Add(documents.Assignment(CompletedAt, "s"));
        }
        else if (stampsEnd)
        {
            string own = documents.Columns.Contains(CompletedAt) ? $"when {documents.Has(CompletedAt)} then w.{CompletedAt} " : "";
            assignments.Add($"{CompletedAt} = case {own}when w.status::text not in ('completed', 'failed', 'cancelled') then null "
                + $"when s.status::text = w.status::text and s.{CompletedAt} is not null then s.{CompletedAt} else w.{CompletedAt} end");
        }

        if (LiveColumns.Contains(UpdatedAt))
        {
            assignments.Add($"{UpdatedAt} = w.{UpdatedAt}");
        }

        string condition = status != SessionStatus.Active ? "" : """

              and (s.status::text = 'active' or (
                  s.id in (
                      select distinct on (o.sd_id) o.id
                      from input x
                      join public.exec_implementation_sessions o on o.id = x.id
                      where o.id = any(array(select y.id from input y)) and o.status::text <> 'active'
                      order by o.sd_id, x.at)
                  and not exists (
                      select from public.exec_implementation_sessions a where a.sd_id = s.sd_id and a.status::text = 'active' and a.id <> s.id)))
            """;
        return EditBatch(input, mode, documents, [CompletedAt, UpdatedAt], assignments, condition);
    }

    /// <summary>
    /// The oldest session of each directive that has a status, but for those of some ids; behind it the name of the unique index over sd_id and status,
    /// which a table may have.
    /// </summary>
    public string Rivals(string sdIds, string status, string but) => $"""
        select distinct on (s.sd_id) {OwnColumns}{Names}, u.index_name
        from public.exec_implementation_sessions s
        left join public.strategic_directives_v2 sd on sd.id = s.sd_id
        left join lateral (
            select c.relname::text as index_name
            from pg_index x
            join pg_class c on c.oid = x.indexrelid
            where x.indrelid = 'public.exec_implementation_sessions'::regclass and x.indisunique and x.indpred is null and x.indnkeyatts = 2
              and array(select a.attname::text from pg_attribute a where a.attrelid = x.indrelid and a.attnum = any(x.indkey) order by a.attname)
                  = array['sd_id', 'status']
            limit 1
        ) u on true
        where s.sd_id = any({sdIds}) and s.status::text = {status} and s.id <> all({but})
        order by s.sd_id, {Of("started_at")}, s.id
        """;

    private static string[] Stamps(bool isOver) => isOver ? ["started_at", "completed_at"] : ["started_at"];
}
