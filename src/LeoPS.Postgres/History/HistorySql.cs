using LeoPS.History;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using NpgsqlTypes;

namespace LeoPS.Postgres.History;

/// <summary>Every reading of a history, as text that a DBA can read and EXPLAIN.</summary>
internal static class HistorySql
{
    /// <summary>The columns that every history has.</summary>
    public static readonly IReadOnlyList<string> Columns =
        ["id", "row_id", "changed_at", "from_status", "to_status", "reason", "changed_by", "role", "user_id", "actor", "transaction_id"];

    private static readonly string _columns = string.Join(", ", Columns.Select(c => $"x.{c}"));

    /// <summary>Reads changes, newest first, behind a place.</summary>
    /// <param name="statements">The table.</param>
    /// <param name="query">Which changes.</param>
    /// <param name="place">The change after which to go on; null for the beginning.</param>
    /// <param name="rows">How many; <see cref="long.MaxValue"/> means all.</param>
    public static Statement Select<TEntry, TQuery>(IHistoryStatements<TEntry, TQuery> statements, TQuery query, TEntry? place, long rows)
        where TEntry : HistoryEntry
        where TQuery : HistoryQuery
    {
        var statement = new Statement();
        string Time(DateTimeOffset time) => statement.Add(time.ToUniversalTime(), NpgsqlDbType.TimestampTz);
        List<string> conditions = [];
        if (query.Ids is { } ids)
        {
            conditions.Add(ConditionSql.IsOneOf(statement, "x.row_id", ids));
        }

        conditions.AddRange(statements.Conditions(query, statement));
        if (query.After is { } after)
        {
            conditions.Add($"x.changed_at >= {Time(after)}");
        }

        if (query.Before is { } before)
        {
            conditions.Add($"x.changed_at < {Time(before)}");
        }

        if (place is not null)
        {
            conditions.Add($"(x.changed_at, x.id) < ({Time(place.ChangedAt)}, {statement.Add(place.EntryId, NpgsqlDbType.Bigint)})");
        }

        statement.Text = $"""
            select {_columns}, {statements.Labels}
            from {statements.Table.QualifiedName} x
            {ConditionSql.Where(conditions)}
            order by x.changed_at desc, x.id desc
            {(rows == long.MaxValue ? "" : $"limit {statement.Add(rows, NpgsqlDbType.Bigint)}")}
            """;
        return statement;
    }

    /// <summary>Whether there is such a history.</summary>
    public static Statement Exists(HistoryTable table)
    {
        var statement = new Statement();
        statement.Text = $"select count(to_regclass({statement.Add(table.QualifiedName, NpgsqlDbType.Text)}))";
        return statement;
    }

    /// <summary>Whether there is such a history and the role may read it.</summary>
    public static Statement Readable(HistoryTable table)
    {
        var statement = new Statement();
        // Of the catalog: to_regclass fails where the role may not even look into the schema.
        statement.Text = $"""
            select count(*)
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where n.nspname || '.' || c.relname = {statement.Add(table.QualifiedName, NpgsqlDbType.Text)}
              and has_schema_privilege(n.oid, 'usage')
              and has_table_privilege(c.oid, 'select')
            """;
        return statement;
    }

    /// <summary>The ids that no visible row of the table has.</summary>
    public static Statement Unknown(HistoryTable table, IReadOnlyList<Guid> ids)
    {
        var statement = new Statement();
        statement.Text = $"""
            select k.id
            from unnest({statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid)}) with ordinality as k(id, ord)
            where not exists (select from public.{table.Table} t where t.id = k.id)
            order by k.ord
            """;
        return statement;
    }
}
