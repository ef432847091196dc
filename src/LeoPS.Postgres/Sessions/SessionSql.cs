using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Sessions;

/// <summary>Every statement over exec_implementation_sessions beside those that all tables have.</summary>
internal sealed class SessionSql(RelationShape shape) : TableSql(shape, SessionColumns.Definition)
{
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
                returning {OwnColumns}
            )
            {ChangedRows()}
            """;
    }

    private static string[] Stamps(bool isOver) => isOver ? ["started_at", "completed_at"] : ["started_at"];
}
