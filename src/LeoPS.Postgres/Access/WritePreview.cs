using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Access;

/// <summary>
/// Tells whether the catalog forbids a planned write: columns that are not there, read-only, rights, a command that no policy is for, what the
/// relation takes, generated columns, NOT NULL, and CHECKs over the known values alone. It writes nothing. What other rows, defaults,
/// conditions of policies and triggers decide is not known before the write.
/// </summary>
/// <param name="scopes">Where the looks run.</param>
/// <param name="role">The role in force, for messages.</param>
internal sealed class WritePreview(IScopeSource scopes, string role)
{
    /// <summary>
    /// NOT NULL columns that get no value count only where no default, BEFORE trigger or rule could give them one. Of columns that an insert does
    /// not name, those of the contract are left to the insert itself.
    /// </summary>
    private const string Facts = """
        select format('%s.%s', n.nspname, c.relname) as table_name, current_user::text as role,
               current_setting('transaction_read_only') = 'on' as is_read_only,
               has_schema_privilege(n.oid, 'usage') and (
                   has_table_privilege(c.oid, $2)
                   or ($2 <> 'DELETE' and coalesce((
                       select bool_and(has_column_privilege(c.oid, a.attnum, $2))
                       from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = any($3)), has_any_column_privilege(c.oid, $2)))
               ) as is_granted,
               pg_relation_is_updatable(c.oid, true) & (case $2 when 'INSERT' then 8 when 'UPDATE' then 4 else 16 end) <> 0 as is_updatable,
               array(
                   select a.attname::text from pg_catalog.pg_attribute a
                   where a.attrelid = c.oid and a.attname = any($3) and (a.attgenerated <> '' or a.attidentity = 'a')
                   order by a.attnum
               ) as generated,
               array(
                   select a.attname::text from pg_catalog.pg_attribute a
                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull and not c.relhasrules
                     and (a.attname = any($4)
                       or ($2 = 'INSERT' and a.attname <> all($3) and a.attname <> all($5) and not a.atthasdef and a.attidentity = ''
                         and exists (select from pg_catalog.pg_type t where t.oid = a.atttypid and t.typdefault is null)))
                     and not exists (
                         select from pg_catalog.pg_trigger t
                         where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D'
                           and t.tgtype & 3 = 3 and t.tgtype & (case $2 when 'INSERT' then 4 else 16 end) <> 0)
                   order by a.attnum
               ) as not_null
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relname = $1
        """;

    /// <summary>CHECKs over the given columns alone, with their expressions.</summary>
    private const string Checks = """
        select k.conname::text, pg_get_constraintdef(k.oid), pg_get_expr(k.conbin, k.conrelid),
               array(select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = k.conrelid and a.attnum = any(k.conkey) order by a.attnum)
        from pg_catalog.pg_constraint k
        where k.conrelid = to_regclass('public.' || $1) and k.contype = 'c'
          and not exists (
              select from pg_catalog.pg_attribute a
              where a.attrelid = k.conrelid and a.attnum = any(k.conkey) and a.attname <> all($2))
        order by k.conname
        """;

    /// <summary>Why the write would be refused; null where nothing that can be known says so.</summary>
    public Task<LeoException?> FindObstacleAsync(PlannedWrite write, CallContext context, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        () => FindObstacleAsync(write, scopes.For(context), cancellationToken), role, cancellationToken);

    private async Task<LeoException?> FindObstacleAsync(PlannedWrite write, StatementScope scope, CancellationToken cancellationToken)
    {
        TableDefinition definition = AccessLook.DefinitionOf(write.Noun);
        string table = definition.Name;
        if (!write.Additional.IsEmpty && await LiveColumns.LoadAsync(scope, table, cancellationToken).ConfigureAwait(false) is { All.Count: > 0 } live)
        {
            var resolver = new AdditionalColumnResolver(table, definition.Columns, live.Columns);
            if (resolver.Fault(write.Additional) is { } fault)
            {
                return fault;
            }

            write = write.With(resolver.Resolve(write.Additional).Json);
        }

        if (await FactsAsync(table, write, scope, cancellationToken).ConfigureAwait(false) is not { } facts)
        {
            // The statement that reads a missing table reports it.
            return null;
        }

        if (facts.IsReadOnly)
        {
            return await ReadOnlyCause.ExplainAsync(scope, cancellationToken).ConfigureAwait(false);
        }

        if (facts.Obstacle(write.Command) is { } obstacle)
        {
            return obstacle;
        }

        if (write.MeetsNoRow)
        {
            return null;
        }

        TableAccess? access = await AccessLook.AtAsync(scope, table, cancellationToken).ConfigureAwait(false);
        if (access?.Obstacle(write.Noun, write.Command) is { } withheld)
        {
            return withheld;
        }

        IReadOnlyList<(TableConstraint Check, string Expression)> checks =
            write.Values.Count == 0 ? [] : await ChecksAsync(table, facts.Table, write, scope, cancellationToken).ConfigureAwait(false);
        try
        {
            return await EvaluateAsync(table, write, checks, scope, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refusal) when (PostgresErrors.IsAboutOneRow(refusal))
        {
            return (LeoException)PostgresErrors.Translate(refusal, role, cancellationToken);
        }
    }

    private static Task<WriteFacts?> FactsAsync(string table, PlannedWrite write, StatementScope scope, CancellationToken cancellationToken)
    {
        var statement = new Statement(Facts);
        statement.Add(table, NpgsqlDbType.Text);
        statement.Add(write.Command.ToString().ToUpperInvariant(), NpgsqlDbType.Text);
        statement.Add(write.Values.Keys.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        statement.Add(write.Values.Where(v => v.Value == "null").Select(v => v.Key).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        // With no array no column is missing.
        statement.Add(
            write.AlsoGiven is { } given ? given.Concat(AccessLook.DefinitionOf(write.Noun).Columns).ToArray() : DBNull.Value,
            NpgsqlDbType.Array | NpgsqlDbType.Text);
        return scope.RunAsync(
            "look at what the catalog allows",
            statement,
            async (reader, token) => await reader.ReadAsync(token).ConfigureAwait(false)
                ? new WriteFacts(
                    reader.GetString(0),
                    reader.GetString(1),
                    reader.GetBoolean(2),
                    reader.GetBoolean(3),
                    reader.GetBoolean(4),
                    reader.GetFieldValue<string[]>(5),
                    reader.GetFieldValue<string[]>(6))
                : null,
            f => f is null ? 0 : 1,
            cancellationToken);
    }

    private static Task<IReadOnlyList<(TableConstraint Check, string Expression)>> ChecksAsync(
        string table, string owner, PlannedWrite write, StatementScope scope, CancellationToken cancellationToken)
    {
        var statement = new Statement(Checks);
        statement.Add(table, NpgsqlDbType.Text);
        statement.Add(write.Values.Keys.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        return scope.RunAsync(
            "look up the checks of the values",
            statement,
            async (reader, token) =>
            {
                var checks = new List<(TableConstraint, string)>();
                while (await reader.ReadAsync(token).ConfigureAwait(false))
                {
                    checks.Add((new TableConstraint(owner, reader.GetString(0), reader.GetFieldValue<string[]>(3), reader.GetString(1)), reader.GetString(2)));
                }

                return (IReadOnlyList<(TableConstraint, string)>)checks;
            },
            c => c.Count,
            cancellationToken);
    }

    /// <summary>The catalog's own expressions over a row of the known values; the values travel as a parameter.</summary>
    private static Task<LeoException?> EvaluateAsync(
        string table, PlannedWrite write, IReadOnlyList<(TableConstraint Check, string Expression)> checks, StatementScope scope, CancellationToken cancellationToken)
    {
        if (checks.Count == 0)
        {
            return Task.FromResult<LeoException?>(null);
        }

        var statement = new Statement();
        string document = statement.Add(write.Document, NpgsqlDbType.Jsonb);
        statement.Text = $"""
            select case {string.Join(' ', checks.Select((c, i) => $"when not ({c.Expression}) then {i}"))} end
            from jsonb_populate_record(null::public.{table}, {document})
            """;
        return scope.RunAsync(
            $"evaluate {checks.Count} checks",
            statement,
            async (reader, token) => await reader.ReadAsync(token).ConfigureAwait(false) && !reader.IsDBNull(0)
                ? WriteFacts.Refused(checks[reader.GetInt32(0)].Check)
                : null,
            e => e is null ? 0 : 1,
            cancellationToken);
    }
}
