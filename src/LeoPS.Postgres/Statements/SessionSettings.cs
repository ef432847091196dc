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

    private static readonly NpgsqlDbType _text = NpgsqlDbType.Text;

    /// <param name="context">Who calls, and how long it may take.</param>
    /// <param name="settings">The role, and whether anything may be written.</param>
    /// <param name="reason">Why rows are changed, for the history; null leaves that setting alone.</param>
    public static Statement For(CallContext context, ConnectionSettings settings, string? reason)
    {
        var statement = new Statement();
        string Local(string name, string value) => $"set_config('{name}', {statement.Add(value, _text)}, true)";

        List<string> calls =
        [
            Local("application_name", $"LeoPS/{_version} {context.Caller}"),
            // To the server 0 means for ever; to whoever asks for no wait it means none.
            Local("lock_timeout", Milliseconds(context.LockTimeout > TimeSpan.Zero ? context.LockTimeout : TimeSpan.FromMilliseconds(1))),
            Local("statement_timeout", Milliseconds(context.CommandTimeout ?? settings.CommandTimeout)),
            Local("leops.actor", _actor),
        ];
        if (reason is not null)
        {
            calls.Add(Local("leops.reason", reason));
        }

        if (settings.ReadOnly)
        {
            calls.Add(Local("transaction_read_only", "on"));
        }

        if (settings.Role is not null)
        {
            calls.Add(Local("role", settings.Role));
        }

        statement.Text = $"select {string.Join(", ", calls)}";
        return statement;
    }

    /// <summary>The server counts whole milliseconds, and 0 means for ever: a shorter wait is rounded up.</summary>
    private static string Milliseconds(TimeSpan time) =>
        time <= TimeSpan.Zero ? "0" : Math.Min(int.MaxValue, (long)Math.Ceiling(time.TotalMilliseconds)).ToString();
}
