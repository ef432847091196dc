using System.Runtime.CompilerServices;

namespace LeoPS;

/// <summary>Everything needed to open a connection, whichever way the user gave it. ToString never shows the password.</summary>
public sealed record ConnectionSettings
{
    /// <summary>The port on which Supabase's pooler shares server sessions between transactions.</summary>
    public const int TransactionPoolerPort = 6543;

    /// <summary>Rows of one page of a reading, where pages are needed and the user names no size.</summary>
    public const int RowsPerPage = 1000;

    // Beside the record, whose copies have hosts of their own.
    private static readonly ConditionalWeakTable<ConnectionSettings, IReadOnlyList<ConnectionHost>> _hosts = [];

    /// <summary>
    /// Host name, address, or the folder of a unix socket; several separated by commas, each with its own port where that differs
    /// from <see cref="Port"/>: "h1,h2:5433,[::1]:5434". <see cref="Hosts"/> reads it.
    /// </summary>
    public string Host { get; init; } = "localhost";

    /// <summary>
    /// The IP addresses to connect to, in the order of the hosts and separated by commas as libpq's hostaddr; null to look the names up.
    /// Certificates and the password file go by the names.
    /// </summary>
    public string? HostAddress { get; init; }

    /// <summary>TCP port, or the number in the unix socket's name.</summary>
    public int Port { get; init; } = 5432;

    /// <summary>Database name; null means the user's name, as libpq has it.</summary>
    public string? Database { get; init; }

    /// <summary>Login role; null means the operating-system user, as libpq has it.</summary>
    public string? UserName { get; init; }

    /// <summary>Password; null where none is known. <see cref="ConnectionEnvironment.Complete"/> looks in PGPASSWORD and the password file.</summary>
    public string? Password { get; init; }

    /// <summary>The password file that the user named; null means PGPASSFILE, or the usual one in the home folder.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>libpq's sslmode (disable, allow, prefer, require, verify-ca, verify-full); null where the user said nothing: <see cref="TlsPolicy"/> decides then.</summary>
    public string? SslMode { get; init; }

    /// <summary>The certificate authority to trust: a file's path, PEM text itself, or "system"; null where the user said nothing.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>Command-line options for the server session, as libpq's options; null for none.</summary>
    public string? Options { get; init; }

    /// <summary>Which of several hosts is wanted, as libpq's target_session_attrs; null where the user said nothing: <see cref="LeoPS.TargetSession"/> decides then.</summary>
    public string? TargetSession { get; init; }

    /// <summary>True where the hosts are tried in a random order, as libpq's load_balance_hosts=random.</summary>
    public bool LoadBalance { get; init; }

    /// <summary>How client and server prove who they are, beside password, sslmode and root certificate.</summary>
    public SecuritySettings Security { get; init; } = new();

    /// <summary>Role to assume inside each transaction; null means the login role.</summary>
    public string? Role { get; init; }

    /// <summary>The claims that row level security reads inside each transaction; null leaves those settings alone. Never shown.</summary>
    public SessionClaims? Claims { get; init; }

    /// <summary>How the server end is shared.</summary>
    public PoolerMode PoolerMode { get; init; }

    /// <summary>True where no statement may write.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>How long opening may take; zero means for ever.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a statement may take; zero means for ever.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>Where the settings came from, for people: "-Uri", "DATABASE_URL".</summary>
    public string Source { get; init; } = "parameters";

    /// <summary>Keys of the URL or connection string that LeoPS does not know; told to the user once.</summary>
    public IReadOnlyList<string> UnknownKeys { get; init; } = [];

    /// <summary>Other things to tell the user once, such as a password file that was not used and why. Never a secret.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>True where a pooler did not take or keep the startup options on which results depend.</summary>
    internal bool LosesStartupOptions { get; init; }

    /// <summary>True where each transaction sets what a session has from its startup elsewhere.</summary>
    internal bool SetsEachTransaction => LosesStartupOptions || PoolerMode == PoolerMode.Transaction;

    /// <summary>True where sessions would begin transactions with another isolation level than read committed, so that LeoPS begins them.</summary>
    internal bool BeginsTransactions { get; init; }

    /// <summary>The hosts in the order in which they are tried; at least one.</summary>
    /// <exception cref="LeoException">ConnectionFailed where <see cref="Host"/> or <see cref="Port"/> cannot be read.</exception>
    public IReadOnlyList<ConnectionHost> Hosts =>
        _hosts.GetValue(this, settings => ConnectionHosts.Read(settings.Host, settings.HostAddress, settings.Port.ToString(), settings.Source));

    /// <summary>
    /// Rows per page of a reading, where <paramref name="asked"/> says nothing: behind a transaction pooler no statement may stay open
    /// while others work. Null reads one open statement.
    /// </summary>
    public int? PageSize(int? asked) => asked ?? (PoolerMode == PoolerMode.Transaction ? RowsPerPage : null);

    /// <summary>How a port's server end is shared where the user says nothing: 6543 is a transaction pooler.</summary>
    public static PoolerMode DefaultPoolerMode(int port)
        => port == TransactionPoolerPort ? PoolerMode.Transaction : PoolerMode.Session;

    /// <summary>Refuses a connection string in place of a name: the server would write it into its log.</summary>
    /// <exception cref="LeoException">ConnectionFailed.</exception>
    internal ConnectionSettings RefusePasted()
    {
        foreach ((string what, string? text) in new[] { ("database", Database), ("user", UserName), ("role", Role) })
        {
            if (text is not null && Redaction.Redact(text) != text)
            {
                throw new LeoException(LeoErrorId.ConnectionFailed, $"The name of the {what} holds a password, so nothing was sent. A whole URL goes to -Uri, and a connection string to -ConnectionString.");
            }
        }

        return this;
    }

    /// <summary>Host, port, database and user; never the password.</summary>
    public override string ToString()
    {
        // A user may have put a whole URL into any one parameter.
        string host = Host.Contains(':') && !Host.Contains(',') && !Host.Contains('[') ? $"[{Host}]" : Host;
        string user = Redaction.Redact(UserName ?? "");
        return $"{user}@{Redaction.Redact(host)}:{Port}/{(Database is null ? user : Redaction.Redact(Database))}";
    }
}
