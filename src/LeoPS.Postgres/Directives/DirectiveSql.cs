using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Directives;

/// <summary>Every statement over strategic_directives_v2 beside those that all tables have.</summary>
internal sealed class DirectiveSql(RelationShape shape) : TableSql(shape, DirectiveColumns.Definition)
{
    private const string CompletionDate = "completion_date";
    private const string UpdatedAt = "updated_at";

    /// <summary>The id that each name means.</summary>
    public static readonly string Ids = $"""
        select i.name, {DirectiveNames.Resolve("i.name")} as id
        from unnest($1) i(name)
        """;

    /// <summary>Reads the directives that have one of these names, as id or as key.</summary>
    public string Holders(string names) => Select($"where sd.id = any({names}) or sd.sd_key = any({names})", "order by sd.id", "");

    /// <summary>
    /// The rows of a batch with the ids that their names mean. Of several that mean one directive the first is there alone, and one that means none is not.
    /// </summary>
    /// <param name="given">The definition of given: place, name, guard and further columns.</param>
    /// <param name="written">Ids of directives that another statement of the batch has written: their other names are not there.</param>
    public static string Input(string given, string written) => $"""
        {given}, input as (
            select distinct on (k.id) g.*, k.id
            from given g
            cross join lateral (select {DirectiveNames.Resolve("g.name")} as id) k
            where k.id <> all({written})
            order by k.id, g.at
        )
        """;

    /// <summary>
    /// Edits the rows of a batch whose guard holds. Where the table has a completion_date and a status is written, one that becomes completed gets the
    /// server's time there, and keeps the one it has where it was completed already.
    /// </summary>
    /// <param name="given">The definition of given; see <see cref="Input"/>.</param>
    /// <param name="mode">How locks are taken.</param>
    /// <param name="documents">What each row writes.</param>
    /// <param name="written">Ids of directives that the batch has written already.</param>
    public string Edit(string given, LockMode mode, RowDocuments documents, string written)
    {
        bool stampsEnd = documents.Columns.Contains("status") && LiveColumns.Contains(CompletionDate) && !documents.IsInAll(CompletionDate);
        List<string> assignments = [.. documents.Columns.Where(c => c != CompletionDate || !stampsEnd).Select(c => documents.Assignment(c, "sd"))];
        if (stampsEnd)
        {
            string own = documents.Columns.Contains(CompletionDate) ? $"when {documents.Has(CompletionDate)} then w.{CompletionDate} " : "";
            assignments.Add($"{CompletionDate} = case {own}when w.status::text = 'completed' and (sd.status::text is distinct from 'completed' or sd.{CompletionDate} is null) "
                + $"then w.{CompletionDate} else sd.{CompletionDate} end");
        }

        if (LiveColumns.Contains(UpdatedAt))
        {
            assignments.Add($"{UpdatedAt} = w.{UpdatedAt}");
        }

        return EditBatch(Input(given, written), mode, documents, [CompletionDate, UpdatedAt], assignments, "");
    }

    /// <summary>Reads the directive that each name means in a new snapshot; behind it whether a transaction holds or held a lock on it, and the place of the name.</summary>
    public string LookUpNames(string names) => $"""
        select {OwnColumns}, {(HasRowVersion ? "sd.xmax <> '0'::xid" : "true")} as held, i.at::integer - 1 as at
        from unnest({names}) with ordinality i(name, at)
        join public.strategic_directives_v2 sd on sd.id = {DirectiveNames.Resolve("i.name")}
        """;

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
            returning {WrittenColumns}
        )
        {ChangedRows()}
        """;
}
