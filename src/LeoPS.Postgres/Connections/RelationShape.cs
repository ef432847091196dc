using LeoPS.Postgres.Statements;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Connections;

/// <summary>What a live table looks like, as far as statements depend on it. Read anew for every cmdlet call.</summary>
/// <param name="Columns">Column names in order.</param>
/// <param name="HasRowVersion">True where rows have an xmin (not a view, not a foreign table).</param>
/// <param name="HasRules">True where a rule or a generated column may change what an update writes.</param>
/// <param name="TriggerFunctions">The functions of triggers that are not ours, each with its schema.</param>
internal sealed record RelationShape(IReadOnlyList<string> Columns, bool HasRowVersion, bool HasRules, IReadOnlyList<string> TriggerFunctions)
{
    /// <summary>True where INSERT and a move to another partition cannot return xmin (0A000); the rows have one all the same.</summary>
    public bool IsPartitioned { get; init; }

    /// <summary>True for a foreign table: its unique indexes are on another server.</summary>
    public bool IsForeign { get; init; }

    /// <summary>Columns that the server computes from others (GENERATED ALWAYS AS … STORED), which no statement may write.</summary>
    public IReadOnlyList<string> ComputedColumns { get; init; } = [];

    /// <summary>Columns each of which has a unique index of its own that ON CONFLICT can name; none for a view or a foreign table.</summary>
    public IReadOnlyList<string> UniqueColumns { get; init; } = [];

    private const string Sql = """
        select c.relkind in ('r', 'p') as has_row_version,
               c.relhasrules or exists (
                   select from pg_attribute g where g.attrelid = c.oid and g.attgenerated <> ''
               ) as has_rules,
               array(
                   select n.nspname || '.' || p.proname
                   from pg_trigger t
                   join pg_proc p on p.oid = t.tgfoid
                   join pg_namespace n on n.oid = p.pronamespace
                   where t.tgrelid = c.oid and not t.tgisinternal and n.nspname <> 'leops'
               ) as trigger_functions,
               array(
                   select a.attname::text from pg_attribute a
                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                   order by a.attnum
               ) as columns,
               c.relkind::text as kind,
               array(
                   select a.attname::text
                   from pg_index i
                   join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                   where i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indisvalid
                     and i.indnkeyatts = 1 and i.indpred is null and i.indexprs is null
               ) as unique_columns,
               array(
                   select g.attname::text from pg_attribute g where g.attrelid = c.oid and g.attgenerated <> '' and not g.attisdropped
               ) as computed_columns
        from pg_class c
        where c.oid = to_regclass($1)
        """;

    /// <exception cref="LeoException">SchemaMissing where there is no such relation.</exception>
    public static async Task<RelationShape> LoadAsync(StatementScope scope, string table, CancellationToken cancellationToken)
    {
        var statement = new Statement(Sql);
        statement.Add($"public.{table}", NpgsqlDbType.Text);
        RelationShape? shape = await scope.RunAsync($"look at table {table}", statement, ReadAsync, s => s?.Columns.Count ?? 0, cancellationToken).ConfigureAwait(false);
        return shape ?? throw new LeoException(
            LeoErrorId.SchemaMissing, $"The database has no table public.{table}. Install-LeoSchema creates it; Test-LeoDatabase shows which database this is.");
    }

    /// <summary>Columns that are none of these.</summary>
    public IReadOnlyList<string> Beyond(IReadOnlyCollection<string> known) => [.. Columns.Where(c => !known.Contains(c))];

    /// <summary>True where something on the server, other than triggers with these functions, may change what an update writes.</summary>
    public bool HasTriggersBeyond(IReadOnlyCollection<string> known) => HasRules || TriggerFunctions.Any(f => !known.Contains(f));

    private static async Task<RelationShape?> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        return new RelationShape(reader.GetFieldValue<string[]>(3), reader.GetBoolean(0), reader.GetBoolean(1), reader.GetFieldValue<string[]>(2))
        {
            IsPartitioned = reader.GetString(4) == "p",
            IsForeign = reader.GetString(4) == "f",
            UniqueColumns = reader.GetFieldValue<string[]>(5),
            ComputedColumns = reader.GetFieldValue<string[]>(6),
        };
    }
}
