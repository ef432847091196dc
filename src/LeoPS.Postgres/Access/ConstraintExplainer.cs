using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using LeoPS.Access;
using LeoPS.Postgres.Statements;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Access;

/// <summary>
/// Looks up the constraint that refused a row. The server gives its name in a field; its columns stand only in the detail, beside values
/// and in the server's language. What is found travels with the exception.
/// </summary>
internal static class ConstraintExplainer
{
    /// <summary>A constraint of a table or a domain, or a unique index that no constraint owns; by names, at most one row.</summary>
    internal const string Sql = """
        select format('%s.%s', n.nspname, coalesce(c.relname, t.typname)) as owner, pg_get_constraintdef(k.oid) as definition,
               array(
                   select a.attname::text
                   from unnest(k.conkey) with ordinality u(number, at)
                   join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number
                   order by u.at
               ) as columns
        from pg_catalog.pg_constraint k
        left join pg_catalog.pg_class c on c.oid = k.conrelid
        left join pg_catalog.pg_type t on t.oid = k.contypid
        join pg_catalog.pg_namespace n on n.oid = coalesce(c.relnamespace, t.typnamespace)
        where n.nspname = $1 and coalesce(c.relname, t.typname) = $2 and k.conname = $3
        union all
        select format('%s.%s', n.nspname, c.relname), pg_get_indexdef(i.indexrelid),
               array(
                   select a.attname::text
                   from unnest(i.indkey::int2[]) with ordinality u(number, at)
                   join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.number
                   where u.at <= i.indnkeyatts
                   order by u.at
               )
        from pg_catalog.pg_index i
        join pg_catalog.pg_class x on x.oid = i.indexrelid
        join pg_catalog.pg_class c on c.oid = i.indrelid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2 and x.relname = $3
          and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.conrelid = i.indrelid)
        limit 1
        """;

    private const string Key = "LeoPS.Constraint";

    /// <summary>Per call, since the rows of a batch are refused by the same constraints again and again.</summary>
    private static readonly ConditionalWeakTable<object, ConcurrentDictionary<(string, string, string), TableConstraint>> _ofCall = [];

    /// <summary>The constraint that was found for a refusal; null for none.</summary>
    public static TableConstraint? Of(PostgresException refusal) => refusal.Data[Key] as TableConstraint;

    /// <summary>Finds the constraint of a refusal. Where the look itself fails, the refusal stands as it is.</summary>
    public static async Task FindAsync(StatementScope scope, PostgresException refusal, CancellationToken cancellationToken)
    {
        string owner = refusal.TableName ?? refusal.DataTypeName ?? "";
        if (refusal.SchemaName is not { } schema || refusal.ConstraintName is not { } name || owner.Length == 0 || refusal.Data.Contains(Key))
        {
            return;
        }

        ConcurrentDictionary<(string, string, string), TableConstraint> known = _ofCall.GetValue(scope.Context.Call, _ => new());
        if (!known.TryGetValue((schema, owner, name), out TableConstraint? constraint))
        {
            var statement = new Statement(Sql);
            Array.ForEach([schema, owner, name], text => statement.Add(text, NpgsqlDbType.Text));
            try
            {
                constraint = await scope.RunAsync(
                    "look up the constraint", statement, (reader, token) => ReadAsync(reader, name, token), c => c is null ? 0 : 1, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException)
            {
                return;
            }

            if (constraint is null)
            {
                return;
            }

            known[(schema, owner, name)] = constraint;
        }

        refusal.Data[Key] = constraint;
    }

    private static async Task<TableConstraint?> ReadAsync(NpgsqlDataReader reader, string name, CancellationToken cancellationToken) =>
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new TableConstraint(reader.GetString(0), name, reader.GetFieldValue<string[]>(2), reader.GetString(1))
            : null;
}
