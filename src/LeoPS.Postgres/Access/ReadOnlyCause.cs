using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Access;

/// <summary>Looks up what makes the transaction read-only.</summary>
internal static class ReadOnlyCause
{
    /// <summary>The session's own settings: they need no right, and no table.</summary>
    public const string Sql = """
        select pg_is_in_recovery(), s.setting, s.source, quote_ident(session_user), quote_ident(current_database())
        from pg_catalog.pg_settings s
        where s.name = 'default_transaction_read_only'
        """;

    /// <summary>The refusal of a write, which came or would come, with its cause.</summary>
    public static async Task<LeoException> ExplainAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        string cause = await scope.RunAsync("look up why nothing may be written", new Statement(Sql), ReadAsync, _ => 1, cancellationToken).ConfigureAwait(false);
        return LeoErrors.ReadOnlyConnection(cause, PostgresErrorCodes.ReadOnlySqlTransaction);
    }

    /// <summary>The cause, of the one row of <see cref="Sql"/>.</summary>
    public static string Read(NpgsqlDataReader row) =>
        Describe(row.GetBoolean(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4));

    /// <summary>What makes it so, and what changes it.</summary>
    internal static string Describe(bool inRecovery, string setting, string source, string user, string database)
    {
        if (inRecovery)
        {
            return "The server is a standby. Connect to the primary.";
        }

        if (setting != "on")
        {
            return "It was opened with -ReadOnly. Connect without it.";
        }

        string place = source switch
        {
            "user" => $"of the login role {user}: its owner can run \"alter role {user} reset default_transaction_read_only\"",
            "database" => $"of the database {database}: its owner can run \"alter database {database} reset default_transaction_read_only\"",
            "database user" => $"of the login role {user} in the database {database}: "
                + $"\"alter role {user} in database {database} reset default_transaction_read_only\" undoes it",
            "client" => "in the options of the connection (options of the URL or string, or PGOPTIONS)",
            _ => "in the server's configuration: an administrator can change it there",
        };
        return $"The cause is default_transaction_read_only=on {place}. "
            + "Where writing is meant, options=-c default_transaction_read_only=off overrides it for this connection.";
    }

    private static async Task<string> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return Read(reader);
    }
}
