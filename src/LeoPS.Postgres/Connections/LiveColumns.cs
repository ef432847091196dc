using LeoPS.Changes;
using LeoPS.Postgres.Statements;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Connections;

/// <summary>The columns of a live table with what writing them depends on. Read only where a statement writes columns that LeoPS does not know.</summary>
/// <param name="All">The columns, in the order of the table.</param>
internal sealed record LiveColumns(IReadOnlyList<LiveColumn> All)
{
    private const string Sql = """
        select a.attname::text,
               case when b.type = 'timestamp'::regtype then 'timestamp with time zone' else format_type(a.atttypid, a.atttypmod) end,
               case when a.attgenerated <> '' then 'c' else a.attidentity::text end,
               exists (
                   select from pg_index i
                   where i.indrelid = a.attrelid and i.indisunique and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
                     and i.indpred is null and i.indexprs is null
               )
        from pg_attribute a
        cross join lateral (
            with recursive types(type, base) as (
                select t.oid, t.typbasetype from pg_type t where t.oid = a.atttypid
                union all
                select t.oid, t.typbasetype from types d join pg_type t on t.oid = d.base
            )
            select d.type from types d where d.base = 0
        ) b
        where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
        order by a.attnum
        """;

    private readonly Dictionary<string, LiveColumn> _byName = All.ToDictionary(c => c.Column.Name, StringComparer.Ordinal);

    /// <summary>The columns without their types.</summary>
    public IReadOnlyList<TableColumn> Columns { get; } = [.. All.Select(c => c.Column)];

    /// <summary>The columns of a table; none where it is not there.</summary>
    public static Task<LiveColumns> LoadAsync(StatementScope scope, string table, CancellationToken cancellationToken)
    {
        var statement = new Statement(Sql);
        statement.Add($"public.{table}", NpgsqlDbType.Text);
        return scope.RunAsync($"look at the columns of table {table}", statement, ReadAsync, c => c.All.Count, cancellationToken);
    }

    /// <summary>
    /// Columns of a JSON object as a relation: each member becomes a value of its column's type. A time without a zone, for a column that has none, is
    /// UTC, and one with a zone is converted to it.
    /// </summary>
    /// <param name="document">The object, an expression of type jsonb.</param>
    /// <param name="names">The members that are read.</param>
    /// <param name="alias">What the relation is called.</param>
    public string Record(string document, IEnumerable<string> names, string alias) =>
        $"jsonb_to_record({document}) as {alias}({string.Join(", ", names.Select(n => $"{Identifier.Quote(n)} {TypeOf(n)}"))})";

    /// <summary>A column that the table does not have is a text: the server then says which one it misses.</summary>
    private string TypeOf(string name) => _byName.TryGetValue(name, out LiveColumn? column) ? column.ReadAs : "text";

    private static async Task<LiveColumns> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var columns = new List<LiveColumn>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            ColumnSource source = reader.GetString(2) switch
            {
                "c" => ColumnSource.Computed,
                "a" => ColumnSource.AlwaysIdentity,
                "d" => ColumnSource.Identity,
                _ => ColumnSource.Written,
            };
            columns.Add(new LiveColumn(new TableColumn(reader.GetString(0), source, reader.GetBoolean(3)), reader.GetString(1)));
        }

        return new LiveColumns(columns);
    }
}
