namespace LeoPS.Postgres.Connections;

/// <summary>What poolers say in words of their own, and what there is to do about it.</summary>
internal static class PoolerRefusal
{
    private const string Full = "It has no server connection free: try again, let fewer work at once, or give it more of them.";
    private const string FullSessions =
        "It has no session free: close connections, or use its transaction mode, in which many share a few (on Supabase the same host with port 6543).";

    private static readonly (string Said, string Advice)[] _known =
    [
        ("query_wait_timeout", Full),
        ("no more connections allowed", Full),
        ("max_client_conn", Full),
        ("Max client connections reached", Full),
        ("max clients reached", FullSessions),
        ("MaxClientsInSessionMode", FullSessions),
        ("remaining connection slots are reserved", FullSessions),
        ("sorry, too many clients already", FullSessions),
        ("Tenant or user not found", "Supabase's pooler finds a project by the user name, postgres.<project>, and by its region's host: copy both from the project's page, under Connect."),
        ("unsupported startup parameter", "It is a transaction pooler: connect with -PoolerMode Transaction, or pgbouncer=true in the URL."),
    ];

    /// <summary>What to do about a message; null for one that is no pooler's.</summary>
    public static string? Explain(string message) =>
        Array.Find(_known, known => message.Contains(known.Said, StringComparison.OrdinalIgnoreCase)).Advice;
}
