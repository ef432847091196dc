namespace LeoPS;

/// <summary>One environment variable of libpq 18 and what LeoPS does with it. docs/environment.md prints this table.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Key">The key of a connection string that says the same; null where there is none, or LeoPS reads the variable elsewhere.</param>
/// <param name="Use">What happens to it.</param>
/// <param name="Effect">One sentence for people.</param>
internal sealed record LibpqVariable(string Name, string? Key, LibpqUse Use, string Effect)
{
    /// <summary>Every variable that libpq 18 reads.</summary>
    public static IReadOnlyList<LibpqVariable> All { get; } =
    [
        new("PGHOST", "host", LibpqUse.Used, "Host names, or the folder of a unix socket."),
        new("PGHOSTADDR", "hostaddr", LibpqUse.Used, "The addresses to connect to; the certificate is still checked against the host name."),
        new("PGPORT", "port", LibpqUse.Used, "Ports."),
        new("PGDATABASE", "dbname", LibpqUse.Used, "The database."),
        new("PGUSER", "user", LibpqUse.Used, "The login role."),
        new("PGPASSWORD", "password", LibpqUse.Used, "The password."),
        new("PGPASSFILE", "passfile", LibpqUse.Used, "The password file; one that others than its owner may access is not used, and the error says so."),
        new("PGSERVICE", null, LibpqUse.Used, "A section of the service file; a URL's own parts count more."),
        new("PGSERVICEFILE", null, LibpqUse.Used, "The service file."),
        new("PGSYSCONFDIR", null, LibpqUse.Used, "The folder of the system's service file."),
        new("PGOPTIONS", "options", LibpqUse.Used,
            "Settings of the session. Behind a transaction pooler each transaction sets them. Those that LeoPS relies on (see below) cannot be changed."),
        new("PGCONNECT_TIMEOUT", "connect_timeout", LibpqUse.Used, "Seconds for opening a connection."),
        new("PGTARGETSESSIONATTRS", "target_session_attrs", LibpqUse.Used, "Which of several hosts is wanted."),
        new("PGLOADBALANCEHOSTS", "load_balance_hosts", LibpqUse.Used, "`random` shuffles the hosts once for each connection that is made."),
        new("PGREQUIREAUTH", "require_auth", LibpqUse.Used, "The login methods that are accepted; `oauth` alone is refused."),
        new("PGCHANNELBINDING", "channel_binding", LibpqUse.Used,
            "`require` accepts nothing but SCRAM over TLS that is bound to the server's certificate."),
        new("PGKRBSRVNAME", "krbsrvname", LibpqUse.Used, "The Kerberos service name."),
        new("PGSSLMODE", "sslmode", LibpqUse.Used, "How the connection is encrypted and verified."),
        new("PGREQUIRESSL", null, LibpqUse.Used, "`1` means at least sslmode=require, where no sslmode is given."),
        new("PGSSLNEGOTIATION", "sslnegotiation", LibpqUse.Used, "`direct` starts TLS without asking; it needs sslmode=require or more."),
        new("PGSSLROOTCERT", "sslrootcert", LibpqUse.Used, "The authorities to trust."),
        new("PGSSLCERT", "sslcert", LibpqUse.Used, "The client's certificate; an empty value fails a TLS connection, so remove it instead."),
        new("PGSSLKEY", "sslkey", LibpqUse.Used, "The key of the client's certificate."),
        new("PGSSLCERTMODE", "sslcertmode", LibpqUse.Used, "`disable` sends no client certificate; `require` is refused."),
        new("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version", LibpqUse.Used, "The lowest TLS version; never below TLSv1.2."),
        new("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version", LibpqUse.Used, "The highest TLS version; below TLSv1.2 it is refused."),
        new("PGCLIENTENCODING", "client_encoding", LibpqUse.Ignored, "The client encoding is UTF8, always."),
        new("PGAPPNAME", "application_name", LibpqUse.Ignored, "The application name is `LeoPS/<version> <cmdlet>`."),
        new("PGTZ", null, LibpqUse.Ignored, "The session's time zone is UTC, always; objects carry their offset."),
        new("PGDATESTYLE", null, LibpqUse.Ignored, "Dates are exchanged in ISO form, always."),
        new("PGGEQO", null, LibpqUse.Ignored, "A setting of the planner for joins of many tables, which LeoPS has none of; PGOPTIONS can set geqo."),
        new("PGSSLCOMPRESSION", "sslcompression", LibpqUse.Ignored, "TLS compression is never used, and libpq ignores it too."),
        new("PGSSLSNI", "sslsni", LibpqUse.Ignored, "The host name is always sent in the TLS handshake, because poolers need it."),
        new("PGGSSLIB", "gsslib", LibpqUse.Ignored, "The operating system's library is used."),
        new("PGGSSDELEGATION", "gssdelegation", LibpqUse.Ignored, "Kerberos credentials are never delegated to the server."),
        new("PGMAXPROTOCOLVERSION", "max_protocol_version", LibpqUse.Ignored, "The driver speaks protocol 3.0, which every limit allows."),
        new("PGLOCALEDIR", null, LibpqUse.Ignored, "Translations of libpq's own messages, which are not used here."),
        new("PGOAUTHDEBUG", null, LibpqUse.Ignored, "OAuth is not supported."),
        new("PGGSSENCMODE", "gssencmode", LibpqUse.Refused, "GSSAPI encryption is not used, so `require` is refused."),
        new("PGREQUIREPEER", "requirepeer", LibpqUse.Refused, "The user behind a unix socket cannot be checked, so it is refused for a socket; TCP ignores it."),
        new("PGSSLCRL", "sslcrl", LibpqUse.Refused, "Revocation lists in a file cannot be checked."),
        new("PGSSLCRLDIR", "sslcrldir", LibpqUse.Refused, "Revocation lists in a folder cannot be checked."),
        new("PGMINPROTOCOLVERSION", "min_protocol_version", LibpqUse.Refused, "The driver speaks protocol 3.0, so more than that is refused."),
    ];
}
