using LeoPS.Ports;
using NpgsqlTypes;

namespace LeoPS.Postgres.Statements;

/// <summary>
/// The settings that go with each transaction and end with it: who calls, how long to wait, who it is for, and why.
/// Transaction-local, so that they hold through a transaction-mode pooler and never reach the next user of a connection.
/// </summary>
internal static class SessionSettings
{
    private static readonly string _version = typeof(SessionSettings).Assembly.GetName().Version!.ToString(3);

    private static readonly string _actor = $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>All of them, for a statement that is a transaction by itself.</summary>
    /// <param name="context">Who calls, and how long it may take.</param>
    /// <param name="settings">Who it is for, and whether anything may be written.</param>
    public static Statement For(CallContext context, ConnectionSettings settings)
    {
        var statement = new Statement { First = OfSession(settings) };
        // The role comes last: what comes before may need the rights of the login role.
        return Select(statement, [.. OfCall(statement, context, settings), .. OfTransaction(statement, settings)]);
    }

    /// <summary>
    /// The commands around a statement that is a transaction by itself; null where the implicit transaction does, because sessions begin
    /// those as LeoPS expects.
    /// </summary>
    public static (string? Begin, string? Commit) Transaction(ConnectionSettings settings) =>
        settings.BeginsTransactions ? ("begin isolation level read committed", "commit") : (null, null);

    /// <summary>Those of a call, in a transaction that has the connection's own already.</summary>
    public static Statement ForCall(CallContext context, ConnectionSettings settings)
    {
        var statement = new Statement();
        return Select(statement, OfCall(statement, context, settings));
    }

    /// <summary>Those of the connection, for the beginning of a transaction; null where it has none.</summary>
    public static Statement? ForTransaction(ConnectionSettings settings)
    {
        Statement? session = OfSession(settings);
        var statement = new Statement { First = session };
        string[] calls = [.. OfTransaction(statement, settings)];
        return calls.Length == 0 ? session : Select(statement, calls);
    }

    /// <summary>True for the command that assumes the role, and nothing else that the server could refuse.</summary>
    public static bool AssumesRole(string commandText) => commandText.Contains("set_config('role'", StringComparison.Ordinal);

    private static Statement Select(Statement statement, IEnumerable<string> calls)
    {
        statement.Text = $"select {string.Join(", ", calls)}";
        return statement;
    }

    private static IEnumerable<string> OfCall(Statement statement, CallContext context, ConnectionSettings settings)
    {
        yield return Local(statement, "application_name", $"LeoPS/{_version} {context.Caller}");
        // To the server 0 means for ever; to whoever asks for no wait it means none.
        yield return Local(statement, "lock_timeout", Milliseconds(context.LockTimeout > TimeSpan.Zero ? context.LockTimeout : TimeSpan.FromMilliseconds(1)));
        yield return Local(statement, "statement_timeout", Milliseconds(context.CommandTimeout ?? settings.CommandTimeout));
        // Columns that are a timestamp without time zone mean UTC, whatever the client's or the role's own time zone is.
        yield return Local(statement, "TimeZone", "UTC");
        yield return Local(statement, "leops.actor", _actor);
        if (context.Reason is { } reason)
        {
            yield return Local(statement, "leops.reason", reason);
        }
    }

    /// <summary>
    /// What a session has from its startup where no pooler is in between, in a command of its own; null there. Behind a transaction pooler a
    /// session's settings would be those of the client that comes next.
    /// </summary>
    private static Statement? OfSession(ConnectionSettings settings)
    {
        if (!settings.SetsEachTransaction)
        {
            return null;
        }

        var statement = new Statement();
        IEnumerable<string> options = settings.PoolerMode == PoolerMode.Transaction
            ? ServerOptions.Read(settings.Options).Settings.Where(s => !PinnedSettings.Has(s.Key))
                .Select(s => $"set_config({statement.Add(s.Key, NpgsqlDbType.Text)}, {statement.Add(s.Value, NpgsqlDbType.Text)}, true)")
            : [];
        return Select(statement, [PinnedSettings.LocalCalls, .. options]);
    }

    private static IEnumerable<string> OfTransaction(Statement statement, ConnectionSettings settings)
    {
        if (settings.ReadOnly)
        {
            yield return Local(statement, "transaction_read_only", "on");
        }

        if (settings.Claims is { } claims)
        {
            yield return Local(statement, "request.jwt.claims", claims.Json);
            // Older functions read these, and read them first: said even where there is nobody, in case a pooled session holds somebody.
            yield return Local(statement, "request.jwt.claim.sub", claims.UserId?.ToString() ?? "");
            yield return Local(statement, "request.jwt.claim.role", claims.Role ?? "");
        }

        if (settings.Role is not null)
        {
            yield return Local(statement, "role", settings.Role);
        }
    }

    private static string Local(Statement statement, string name, string value) => $"set_config('{name}', {statement.Add(value, NpgsqlDbType.Text)}, true)";

    /// <summary>The server counts whole milliseconds, and 0 means for ever: a shorter wait is rounded up.</summary>
    private static string Milliseconds(TimeSpan time) =>
        time <= TimeSpan.Zero ? "0" : Math.Min(int.MaxValue, (long)Math.Ceiling(time.TotalMilliseconds)).ToString();
}
