using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Flows;
using LeoPS.Postgres.Handoffs;
using LeoPS.Postgres.Sessions;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Access;

/// <summary>Looks up, once something was refused, what the role in force may do with a table, so that the refusal can say it.</summary>
internal static class AccessLook
{
    /// <summary>Rights of the role, and one row for each policy that applies to it. By the catalog's own tables, which anybody may read.</summary>
    internal const string Sql = """
        select n.nspname || '.' || c.relname as table_name,
               current_user::text as role,
               quote_ident(current_user) as quoted_role,
               array(
                   select command from unnest(array['Select', 'Insert', 'Update', 'Delete']) command
                   where has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, command)
               ) as granted,
               row_security_active(c.oid) as is_bound,
               p.polname::text as policy,
               p.polcmd::text as command,
               p.polpermissive as permissive,
               pg_get_expr(p.polqual, c.oid) as using_expression,
               pg_get_expr(p.polwithcheck, c.oid) as check_expression
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        left join pg_catalog.pg_policy p
            on p.polrelid = c.oid
           and exists (select from unnest(p.polroles) as to_role where to_role = 0 or pg_has_role(current_user, to_role, 'usage'))
        where n.nspname = 'public' and c.relname = any($1)
        order by c.relname, p.polname
        """;

    private static readonly TableDefinition[] _tables =
        [DirectiveColumns.Definition, SessionColumns.Definition, HandoffColumns.Definition, FlowColumns.Definition, ExecutionColumns.Definition];

    /// <summary>The table whose rows messages call by a noun.</summary>
    public static string TableOf(string noun) => DefinitionOf(noun).Name;

    /// <inheritdoc cref="TableOf"/>
    public static TableDefinition DefinitionOf(string noun) => Array.Find(_tables, t => t.Noun == noun)
        ?? throw new ArgumentOutOfRangeException(nameof(noun), noun, "No table has rows of this name.");

    /// <summary>What the role may do with a table; null where there is none of this name.</summary>
    public static async Task<TableAccess?> AtAsync(StatementScope scope, string table, CancellationToken cancellationToken) =>
        (await AtAsync(scope, [table], cancellationToken).ConfigureAwait(false)).SingleOrDefault();

    /// <summary>Adds to the failures among outcomes that row level security brought about which policies these are.</summary>
    public static async Task ExplainAsync<TRow>(
        StatementScope scope, string noun, TableCommand command, IList<ChangeOutcome<TRow>> outcomes, CancellationToken cancellationToken)
        where TRow : class
    {
        int[] refused = [.. Enumerable.Range(0, outcomes.Count).Where(i => IsOfPolicies(outcomes[i]?.Error, command))];
        if (refused.Length == 0 || await AtAsync(scope, TableOf(noun), cancellationToken).ConfigureAwait(false) is not { } access)
        {
            return;
        }

        foreach (int i in refused)
        {
            LeoException error = outcomes[i].Error!;
            outcomes[i] = ChangeOutcome<TRow>.Failed(outcomes[i].Source, Explain(error, access.OfRow(command, refused: error.SqlState is not null)));
        }
    }

    /// <summary>The refusal of a whole statement, with the rights that the role has to the tables of it to which it lacks one.</summary>
    /// <param name="scope">Where to look.</param>
    /// <param name="refused">The statement.</param>
    /// <param name="refusal">The server's answer, which names the table in a sentence of its own language and in no field.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public static async Task<LeoException> ExplainAsync(
        StatementScope scope, Statement refused, PostgresException refusal, CancellationToken cancellationToken)
    {
        IReadOnlyList<TableAccess> all = await AtAsync(scope, Array.ConvertAll(_tables, t => t.Name), cancellationToken).ConfigureAwait(false);
        var error = (LeoException)PostgresErrors.Translate(refusal, all.Count == 0 ? "in force" : all[0].Role, cancellationToken);
        string[] lacking = [.. all.Where(a => CommandsOn(a.Table, refused.Text).Except(a.Granted).Any()).Select(a => a.OfCall())];
        return lacking.Length == 0 ? error : Explain(error, string.Join(' ', lacking));
    }

    /// <summary>What a statement of ours does to a table.</summary>
    internal static IEnumerable<TableCommand> CommandsOn(string table, string sql)
    {
        string text = string.Join(' ', sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (!Has(""))
        {
            return [];
        }

        bool locks = !Has("insert into ")
            && (text.Contains(" for update", StringComparison.OrdinalIgnoreCase) || text.Contains(" for no key update", StringComparison.OrdinalIgnoreCase));
        return new[]
        {
            (TableCommand.Select, true),
            (TableCommand.Insert, Has("insert into ")),
            (TableCommand.Update, Has("update ") || locks),
            (TableCommand.Delete, Has("delete from ")),
        }.Where(c => c.Item2).Select(c => c.Item1);

        // A longer name, such as a history's, is another table's.
        bool Has(string verb)
        {
            string wanted = verb + table;
            for (int at = -1; (at = text.IndexOf(wanted, at + 1, StringComparison.OrdinalIgnoreCase)) >= 0;)
            {
                int end = at + wanted.Length;
                if (end == text.Length || (!char.IsLetterOrDigit(text[end]) && text[end] != '_'))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static LeoException Explain(LeoException error, string situation) => new(error.ErrorId, $"{error.Message} {situation}", error.SqlState);

    /// <summary>A new row that was refused, or an old one that was silently left as it is; not a word of a trigger.</summary>
    private static bool IsOfPolicies(LeoException? error, TableCommand command) =>
        error is { ErrorId: LeoErrorId.Forbidden, IsOfFunction: false }
        && (error.SqlState == PostgresErrorCodes.InsufficientPrivilege || (error.SqlState is null && command is TableCommand.Update or TableCommand.Delete));

    private static Task<IReadOnlyList<TableAccess>> AtAsync(StatementScope scope, string[] tables, CancellationToken cancellationToken)
    {
        var statement = new Statement(Sql);
        statement.Add(tables, NpgsqlDbType.Array | NpgsqlDbType.Text);
        return scope.RunAsync("look at rights and policies", statement, ReadAsync, a => a.Count, cancellationToken);
    }

    private static async Task<IReadOnlyList<TableAccess>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var found = new List<TableAccess>();
        var policies = new List<RowPolicy>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            string table = reader.GetString(0);
            if (found.Count == 0 || found[^1].Table != table)
            {
                policies = [];
                TableCommand[] granted = [.. reader.GetFieldValue<string[]>(3).Select(Enum.Parse<TableCommand>)];
                found.Add(new TableAccess(table, reader.GetString(1), reader.GetString(2), granted, reader.GetBoolean(4), policies));
            }

            if (!reader.IsDBNull(5))
            {
                policies.Add(new RowPolicy(reader.GetString(5), CommandOf(reader.GetString(6)), reader.GetBoolean(7), Text(reader, 8), Text(reader, 9)));
            }
        }

        return found;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static TableCommand? CommandOf(string letter) => letter switch
    {
        "r" => TableCommand.Select,
        "a" => TableCommand.Insert,
        "w" => TableCommand.Update,
        "d" => TableCommand.Delete,
        _ => null,
    };
}
