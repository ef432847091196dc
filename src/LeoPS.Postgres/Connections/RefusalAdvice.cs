using Npgsql;

namespace LeoPS.Postgres.Connections;

/// <summary>
/// What to do about a refusal of the server, or of a pooler before it, by its SQLSTATE and what is known of the connection. Texts decide
/// nothing: servers speak many languages, and poolers change their words.
/// </summary>
internal static class RefusalAdvice
{
    /// <summary>Poolers report what is wrong with them by this one.</summary>
    public const string ProtocolViolation = PostgresErrorCodes.ProtocolViolation;

    private const string SupabasePooler = ".pooler.supabase.com";
    private const string Full =
        "try again, let fewer work at once, or raise the limit (max_connections of the server, CONNECTION LIMIT of the role or database, the pooler's own)";

    private const string FullSessions =
        "It has no session free: close connections, raise the limit (max_connections of the server, CONNECTION LIMIT of the role or database), "
        + "or use a pooler's transaction mode, in which many share a few (on Supabase the same host with port 6543).";

    private const string Project =
        "Supabase's pooler finds a project by the user name, postgres.<project>, and by its region's host: copy both from the project's page, under Connect.";

    private const string Certificate =
        "Where they ask for a client certificate, it is sslcert and sslkey (PGSSLCERT, PGSSLKEY), and its common name (CN) is the user's name.";

    /// <summary>About a statement; null where nothing is known.</summary>
    public static string? OfStatement(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.TooManyConnections => $"It has no connection free: {Full}.",
        ProtocolViolation => $"A pooler ends connections with this code, most often because it had no server connection free in time: {Full}.",
        PostgresErrorCodes.DeadlockDetected =>
            "This transaction and another one waited for each other's rows, and the server ended this one: run it again. "
            + "Transactions that lock the same rows in the same order never wait for each other.",
        PostgresErrorCodes.SerializationFailure => "Another transaction changed what this one has read: run it again.",
        _ => null,
    };

    /// <summary>About logging in; null where nothing is known.</summary>
    public static string? OfConnecting(string sqlState, ConnectionSettings settings) => sqlState switch
    {
        PostgresErrorCodes.InvalidPassword when LacksProject(settings) => Project,
        // The server says the same of a certificate in another's name, where its rules ask for both.
        PostgresErrorCodes.InvalidPassword => $"Check user name and password.{(SendsCertificate(settings) ? $" {Certificate}" : "")}",
        PostgresErrorCodes.InvalidAuthorizationSpecification => $"Check user name and password, and the server's rules (pg_hba.conf). {Certificate}{WithoutTls(settings)}",
        PostgresErrorCodes.TooManyConnections when settings.PoolerMode == PoolerMode.Session => FullSessions,
        PostgresErrorCodes.TooManyConnections => $"It has no connection free: {Full}.",
        PostgresErrorCodes.CannotConnectNow => "It is starting, stopping or recovering: try again in a moment.",
        ProtocolViolation => OfPooler(settings),
        PostgresErrorCodes.InternalError => OfSupabase(settings),
        _ => null,
    };

    /// <summary>About a server that ended the TLS handshake, or the connection behind it; empty where the settings ask for nothing unusual.</summary>
    public static string OfHandshake(ConnectionSettings settings)
    {
        SecuritySettings security = settings.Security;
        string direct = security.Negotiation == "direct" ? " sslnegotiation=direct needs PostgreSQL 17 or later; leave it out for an older server." : "";
        return SendsCertificate(settings)
            ? $"{direct} The server may not take the client certificate {Redaction.Redact(security.Certificate!)} (sslcert, PGSSLCERT): it has to be of an authority in the server's ssl_ca_file."
            : direct;
    }

    private static bool SendsCertificate(ConnectionSettings settings) =>
        settings.Security is { Certificate: not null, CertificateMode: not "disable" } && TlsPolicy.Of(settings).Mode != "disable";

    private static string OfPooler(ConnectionSettings settings)
    {
        if (settings.PoolerMode == PoolerMode.Transaction)
        {
            return ServerOptions.Read(settings.Options).Rest is null
                ? $"A pooler answers so when it has no connection free: {Full}."
                : "The pooler may not take what the options hold beside -c name=value: take it out of the URL or string, or out of PGOPTIONS.";
        }

        return settings.Options is null
            ? $"A pooler answers so when it has no connection free: {Full}. If it is one in transaction mode, connect with -PoolerMode Transaction."
            : "If it is a transaction pooler, it takes no options at startup: connect with -PoolerMode Transaction, or pgbouncer=true in the URL, "
                + "and each transaction sets them.";
    }

    /// <summary>Supabase's pooler has one code for everything; PostgreSQL itself hardly ever gives it to a client that logs in.</summary>
    private static string OfSupabase(ConnectionSettings settings)
    {
        string advice = LacksProject(settings) || settings.PoolerMode == PoolerMode.Transaction ? Project : $"{Project} Or: {FullSessions}";
        return advice + WithoutTls(settings);
    }

    private static bool LacksProject(ConnectionSettings settings) =>
        settings.UserName?.Contains('.') != true
        && settings.Hosts.Any(h => h.Name.EndsWith(SupabasePooler, StringComparison.OrdinalIgnoreCase));

    private static string WithoutTls(ConnectionSettings settings) =>
        settings.Hosts.All(h => h.IsSocket) || TlsPolicy.Of(settings).Mode != "disable"
            ? ""
            : " The connection was not encrypted (sslmode=disable), which the server may not allow. Leave -SslMode out, or ask for more.";
}
