using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Directives;

/// <summary>Every statement over strategic_directives_v2 beside those that all tables have.</summary>
internal sealed class DirectiveSql(RelationShape shape) : TableSql(shape, DirectiveColumns.Definition)
{
    /// <summary>The id that each name means.</summary>
    public static readonly string Ids = $"""
        select i.name, {DirectiveNames.Resolve("i.name")} as id
        from unnest($1) i(name)
        """;

    /// <summary>Reads the directives that have one of these names, as id or as key.</summary>
    public string Holders(string names) => Select($"where sd.id = any({names}) or sd.sd_key = any({names})", "order by sd.id", "");

    /// <summary>Makes a directive, unless its id or its key is the id or the key of another.</summary>
    /// <param name="record">The row as a relation; see <see cref="LiveColumns.Record"/>.</param>
    /// <param name="columns">The columns that are written.</param>
    public string Insert(string record, IReadOnlyList<string> columns) => $"""
        with wanted as (select * from {record}),
        changed as (
            insert into public.strategic_directives_v2 as sd ({List(columns)})
            select {List(columns, "w.")}
            from wanted w
            where not exists (
                select from public.strategic_directives_v2 o
                where o.id in (w.id, w.sd_key) or o.sd_key in (w.id, w.sd_key))
            returning {OwnColumns}
        )
        {ChangedRows()}
        """;
}
