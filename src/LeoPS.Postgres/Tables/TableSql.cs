using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;

namespace LeoPS.Postgres.Tables;

/// <summary>The statements that every table has, as text that a DBA can read and EXPLAIN. Rows come with their columns, row_version, beyond, content_hash where the table has one, and the names.</summary>
internal abstract class TableSql
{
    private const string NoVersion = "null::xid";
    private const string UtcNow = """to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""";

    private readonly RelationShape _shape;

    protected TableSql(RelationShape shape, TableDefinition table)
    {
        _shape = shape;
        Table = table;
        Columns = string.Join(", ", table.Columns.Select(c => $"{table.Alias}.{c}"));
        // Columns that LeoPS does not know travel as one JSON object, whatever their types. A function takes at most 100 arguments; a row as many
        // columns as a table. A column of type json may hold what no jsonb can, and may be spread over lines, which a line of an export may not.
        string beyond = shape.Beyond(table.Columns) is { Count: > 0 } unknown
            ? $"(select translate(to_json(x)::text, E'\\n\\r', '  ') from (select {List(unknown, $"{table.Alias}.")}) x)"
            : "null::text";
        // The columns that we don't know count too. As a row's text, since in JSON a null of SQL and a null of JSON would be the same.
        string written = string.Join(", ", shape.Beyond(table.CountedColumns).Select(c => $"{table.Alias}.{Identifier.Quote(c)}"));
        ContentHash = $"encode(sha256(convert_to(row({written})::text, 'UTF8')), 'hex')";
        string own = string.Join(", ", table.Columns.Select(c => table.ReadAs.ContainsKey(c) ? $"{Of(c)} as {c}" : Of(c)));
        string Own(string version) => $"{own}, {version} as row_version, {beyond} as beyond{(HasContentHash ? $", {ContentHash} as content_hash" : "")}";
        OwnColumns = Own(RowVersion);
        WrittenColumns = Own(ReturnsRowVersion ? RowVersion : NoVersion);
    }

    /// <summary>The table.</summary>
    public TableDefinition Table { get; }

    /// <summary>The columns that the live table has.</summary>
    public IReadOnlyList<string> LiveColumns => _shape.Columns;

    /// <summary>True where rows have an xmin.</summary>
    protected bool HasRowVersion => _shape.HasRowVersion;

    /// <summary>The columns that no statement may write.</summary>
    protected IReadOnlyList<string> ComputedColumns => _shape.ComputedColumns;

    /// <summary>True where something on the server, other than these triggers, may change what an update writes.</summary>
    protected bool HasTriggersBeyond(IReadOnlyCollection<string> known) => _shape.HasTriggersBeyond(known);

    /// <summary>The model's columns.</summary>
    protected string Columns { get; }

    /// <summary>A hash of the row without what the server counts by itself; for a table that has such columns.</summary>
    protected string ContentHash { get; }

    /// <summary>The model's columns, row_version, beyond and content_hash: all that the table itself gives.</summary>
    protected string OwnColumns { get; }

    /// <summary>
    /// The same as RETURNING can give them: without xmin where the table is partitioned, since INSERT and a move to another partition
    /// refuse it there. See <see cref="Reread"/>.
    /// </summary>
    protected string WrittenColumns { get; }

    /// <summary>False where what a statement wrote has to be read again for its xmin.</summary>
    public bool ReturnsRowVersion => !_shape.IsPartitioned;

    /// <summary>True where a unique index of this column alone refuses a second row; where not, see <see cref="KeyLocks"/>.</summary>
    public bool IsUnique(string column) => _shape.UniqueColumns.Contains(column);

    /// <summary>The columns of other tables, with a comma before them where there are any.</summary>
    protected string Names => string.Concat(Table.NameColumns.Select(c => $", {c}"));

    private bool HasContentHash => Table.CountedColumns.Count > 0;

    /// <summary>The version of a row, or a null of its type where rows have none.</summary>
    public string RowVersion => _shape.HasRowVersion ? $"{Table.Alias}.xmin" : NoVersion;

    /// <summary>The same version; or, where the relation or the given row has none, the same status and time of change. A bare id has none of these.</summary>
    protected string Guard
    {
        get
        {
            string alias = Table.Alias;
            string unchanged = $"(i.status is null or {alias}.{Table.StatusColumn} = i.status)";
            if (Table.UpdatedColumn is { } updated)
            {
                // A time that went through a CSV file has no fraction of a second.
                unchanged = $"((i.status is null and i.updated_at is null) or ({unchanged}"
                    + $" and ({alias}.{updated} is not distinct from i.updated_at or date_trunc('second', {alias}.{updated}) = i.updated_at)))";
            }

            return _shape.HasRowVersion
                ? $"case when i.row_version is null then {unchanged} else {alias}.xmin = i.row_version end"
                : unchanged;
        }
    }

    /// <summary>A column of the model as an expression: as it is, or read as another type, or null where the live table lacks it.</summary>
    public string Of(string column)
    {
        string own = $"{Table.Alias}.{column}";
        return Table.ReadAs.TryGetValue(column, out string? type) ? $"{(_shape.Columns.Contains(column) ? own : "null")}::{type}" : own;
    }

    /// <summary>Reads rows with the names of what they refer to.</summary>
    public string Select(string where, string orderBy, string limit) => $"""
        select {OwnColumns}{Names}
        from {Table.QualifiedName} {Table.Alias}
        {Table.NameJoin}
        {where}
        {orderBy}
        {limit}
        """;

    /// <summary>One row's value of an order column, as text: it may be one that no object can hold.</summary>
    public string OrderKey(string column, string id) =>
        $"select {column}::text from {Table.QualifiedName} {Table.Alias} where {Table.Alias}.id = {id}";

    /// <summary>
    /// The rows of a page of changes, in the order of the changes; behind the names come the entry, its status, whether others have
    /// followed it, and the snapshot, null on a standby. One row at least: without a change it has the snapshot alone.
    /// </summary>
    /// <param name="history">The history, with its schema.</param>
    /// <param name="conditions">Which changes, x being one.</param>
    /// <param name="limit">How many.</param>
    public string Changes(string history, string conditions, string limit) => $"""
        select {OwnColumns}{Names}, x.id as entry_id, x.to_status,
               exists (select from {history} l where l.row_id = x.row_id and l.id > x.id) as superseded, s.now::text
        from (select case when not pg_is_in_recovery() then pg_current_snapshot() end as now) s
        left join lateral (
            select x.id, x.row_id, x.to_status
            from {history} x
            where {conditions}
            order by x.id
            {limit}
        ) x on true
        left join {Table.QualifiedName} {Table.Alias} on {Table.Alias}.id = x.row_id
        {Table.NameJoin}
        order by x.id
        """;

    /// <summary>Counts rows.</summary>
    public static string Count(TableDefinition table, string where) => $"""
        select count(*)
        from {table.QualifiedName} {table.Alias}
        {where}
        """;

    /// <summary>Reads rows by id in a new snapshot. The column behind the names tells whether a transaction holds or held a lock on the row.</summary>
    /// <param name="ids">The ids, an array.</param>
    /// <param name="further">Further columns, each behind a comma; empty for none.</param>
    public string LookUp(string ids, string further = "") => $"""
        select {OwnColumns}{Names},
               {(_shape.HasRowVersion ? $"{Table.Alias}.xmax <> '0'::xid" : "true")} as held{further}
        from {Table.QualifiedName} {Table.Alias}
        {Table.NameJoin}
        where {Table.Alias}.id = any({ids})
        """;

    /// <summary>
    /// The rows of a batch, locked in the order of their ids, each found by the primary key however large the table is; empty where the
    /// update takes the locks as it meets the rows.
    /// </summary>
    protected string Locked(LockMode mode) => mode == LockMode.AsMet ? "" : $"""
        , locked as materialized (
            select i.*
            from (select * from input order by id) i
            cross join lateral (
                select from {Table.QualifiedName} {Table.Alias}
                where {Table.Alias}.id = i.id
                for update of {Table.Alias}{(mode == LockMode.SkipHeld ? " skip locked" : "")}
            ) l
        )
        """;

    /// <summary>
    /// Moves the rows of a batch whose guard holds: <paramref name="input"/> has a row per change, <paramref name="moves"/>
    /// one per status that may be left, with what it stamps.
    /// </summary>
    /// <param name="input">The definition of input: columns and relation.</param>
    /// <param name="moves">The definition of moves.</param>
    /// <param name="mode">How locks are taken.</param>
    /// <param name="set">The assignments.</param>
    /// <param name="condition">What else has to hold, beginning with " and"; empty for nothing.</param>
    /// <param name="narrow">What to return beside the place, where that is enough; null for whole rows with names, the place last.</param>
    protected string UpdateBatch(string input, string moves, LockMode mode, string set, string condition, string? narrow)
    {
        string update = $"""
            update {Table.QualifiedName} {Table.Alias}
            set {set}
            from {(mode == LockMode.AsMet ? "input" : "locked")} i, moves m
            where {Table.Alias}.id = i.id and m.from_status = {Table.Alias}.{Table.StatusColumn}
              and {Guard}{condition}
            """;
        return narrow is not null
            ? $"""
                with {input}, {moves}{Locked(mode)}
                {update}
                returning i.at, {narrow}
                """
            : $"""
                with {input}, {moves}{Locked(mode)}, changed as (
                    {update}
                    returning i.at, {WrittenColumns}
                )
                {ChangedRows("at")}
                """;
    }

    /// <summary>
    /// Edits the rows of a batch whose guard holds, each with the members of a JSON object; w is that object as a row of the table, with the
    /// server's time in the columns that are stamped. The ids are said twice, so that the planner goes by the primary key however small the table is.
    /// </summary>
    /// <param name="input">The definition of input: columns and relation.</param>
    /// <param name="mode">How locks are taken.</param>
    /// <param name="documents">The objects.</param>
    /// <param name="stamps">Columns that get the server's time, where the live table has them and the statement writes them.</param>
    /// <param name="assignments">What is written.</param>
    /// <param name="condition">What else has to hold, beginning with " and"; empty for nothing.</param>
    protected string EditBatch(
        string input, LockMode mode, RowDocuments documents, IReadOnlyList<string> stamps, IEnumerable<string> assignments, string condition) => $"""
        with {input}{Locked(mode)}, changed as (
            update {Table.QualifiedName} {Table.Alias}
            set {string.Join(",\n        ", assignments)}
            from {(mode == LockMode.AsMet ? "input" : "locked")} i
            cross join lateral {Record($"{ServerTime(stamps)} || {documents.Json}")} w
            where {Table.Id} = i.id and {Table.Id} = any(array(select x.id from input x)) and {Guard}{condition}
            returning i.at, {OwnColumns}
        )
        {ChangedRows("at")}
        """;

    /// <summary>
    /// The server's time under the names of columns, in UTC with its zone: a column with a time zone keeps the instant, and one without holds UTC,
    /// whatever the zone of the session is.
    /// </summary>
    private static string ServerTime(IReadOnlyList<string> columns) => $"jsonb_build_object({string.Join(", ", columns.Select(c => $"'{c}', {UtcNow}"))})";

    /// <summary>
    /// Deletes the rows of a batch whose guard holds, and gives them as they were, with their place. The ids are said twice, so that the planner
    /// goes by the primary key however small the table is.
    /// </summary>
    /// <param name="input">The definition of input: columns and relation.</param>
    /// <param name="mode">How locks are taken.</param>
    /// <param name="condition">What else has to hold, beginning with " and"; empty for nothing.</param>
    protected string DeleteBatch(string input, LockMode mode, string condition) => $"""
        with {input}{Locked(mode)}, changed as (
            delete from {Table.QualifiedName} {Table.Alias}
            using {(mode == LockMode.AsMet ? "input" : "locked")} i
            where {Table.Alias}.id = i.id and {Table.Alias}.id = any(array(select x.id from input x)) and {Guard}{condition}
            returning i.at, {OwnColumns}
        )
        {ChangedRows("at")}
        """;

    /// <summary>The rows of the part called changed, with names, and with further columns of that part.</summary>
    protected string ChangedRows(params string[] further) => $"""
        select {ChangedColumns}{string.Concat(further.Select(c => $", {Table.Alias}.{c}"))}
        from changed {Table.Alias}
        {Table.NameJoin}
        """;

    /// <summary>
    /// Ends an insert of rows whose key must be free: a taken key makes no row. Where a unique index knows the column, that index decides;
    /// elsewhere <see cref="FreeKey"/> does, and a foreign table leaves it to the indexes of the other server as well.
    /// </summary>
    protected string OnTakenKey(string column) =>
        IsUnique(column) ? $"on conflict ({column}) do nothing" : _shape.IsForeign ? "on conflict do nothing" : "";

    /// <summary>The condition that no row has the key, for a column without a unique index; true where there is one.</summary>
    /// <param name="column">The column of the key.</param>
    /// <param name="key">The new key; null stands for one that nothing else can have.</param>
    protected string FreeKey(string column, string key) =>
        IsUnique(column) ? "true" : $"({key} is null or not exists (select from {Table.QualifiedName} x where x.{column} = {key}))";

    /// <summary>The columns of the part called changed, with names.</summary>
    protected string ChangedColumns => $"{Columns}, {Table.Alias}.row_version, {Table.Alias}.beyond{(HasContentHash ? $", {Table.Alias}.content_hash" : "")}{Names}";

    /// <summary>Columns by their names, in quotes where they need them.</summary>
    protected static string List(IEnumerable<string> columns, string before = "") =>
        string.Join(", ", columns.Select(c => $"{before}{Identifier.Quote(c)}"));

    /// <summary>A row of the table's own type, made of a JSON object whose members are named as its columns.</summary>
    private string Record(string document) => $"jsonb_populate_record(null::{Table.QualifiedName}, {document})";
}
