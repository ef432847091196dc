using System.Reflection;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Connections;

/// <summary>Turns settings into Npgsql's. Whatever Npgsql would look up by itself in the environment is settled before.</summary>
internal static class ConnectionStringFactory
{
    private const int MaximumTimeoutSeconds = 1024;

    /// <summary>Server connections of one LeoConnection at the most.</summary>
    public const int PoolSize = 20;

    /// <summary>"LeoPS/" and the version of the library.</summary>
    public static string ApplicationName { get; } =
        "LeoPS/" + typeof(ConnectionSettings).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The connection string's parts; it holds the password, so it is never shown.</summary>
    /// <exception cref="LeoException">ConnectionFailed where hosts, sslmode or root certificate cannot be used.</exception>
    public static NpgsqlConnectionStringBuilder Create(ConnectionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        IReadOnlyList<ConnectionHost> hosts = settings.LoadBalance ? Shuffled(settings.Hosts) : settings.Hosts;
        (string host, int port) = ConnectionHosts.WriteTargets(hosts);
        SecuritySettings security = settings.Security;
        string user = settings.UserName ?? Environment.UserName;
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = host,
            Port = port,
            Database = settings.Database ?? user,
            Username = user,
            Password = settings.Password,
            ApplicationName = ApplicationName,
            PersistSecurityInfo = false,
            IncludeErrorDetail = false,

            // Which command failed, not what the server says of it, tells a refused role.
            IncludeFailedBatchedCommand = true,
            Enlist = false,
            Pooling = true,
            MaxPoolSize = PoolSize,

            // An idle prompt gives a pooler's few sessions back after a minute.
            ConnectionIdleLifetime = 60,
            NoResetOnClose = settings.PoolerMode == PoolerMode.Transaction,
            MaxAutoPrepare = 0,
            Timeout = TimeoutSeconds(settings.ConnectTimeout),

            // Statements are limited by statement_timeout, which the server keeps.
            CommandTimeout = 0,
            CancellationTimeout = 2000,

            Options = OptionsOf(settings),
            ClientEncoding = "UTF8",
            Timezone = "UTC",

            // One way of encryption, the one that is checked and told about.
            SslMode = TlsOf(settings),
            SslNegotiation = security.Negotiation == "direct" ? SslNegotiation.Direct : SslNegotiation.Postgres,
            GssEncryptionMode = GssEncryptionMode.Disable,
            RequireAuth = string.Join(',', LoginMethods.AcceptedBy(settings).Select(NameOf)),
            ChannelBinding = security.ChannelBinding is { } binding ? Enum.Parse<ChannelBinding>(binding, ignoreCase: true) : ChannelBinding.Prefer,
            KerberosServiceName = security.KerberosService ?? "postgres",
        };
        if (security.Certificate is { } certificate && security.CertificateMode != "disable")
        {
            builder.SslCertificate = certificate;
            builder.SslKey = security.CertificateKey ?? certificate;
            builder.SslPassword = security.CertificateKeyPassword;
        }

        if (!hosts.Any(h => h.IsSocket))
        {
            // The operating system keeps the line open; Npgsql's own keepalive would send queries into a user's open transaction.
            builder.TcpKeepAlive = true;
            builder.TcpKeepAliveTime = 30;
            builder.TcpKeepAliveInterval = 10;
        }

        return builder;
    }

    /// <summary>
    /// A transaction pooler refuses server settings at the start; they go with each transaction. Null sends none, where
    /// <see cref="DriverSettings"/> sees to it.
    /// </summary>
    private static string? OptionsOf(ConnectionSettings settings) => settings switch
    {
        { PoolerMode: PoolerMode.Transaction } => ServerOptions.Read(settings.Options).Rest,
        { LosesStartupOptions: true } => settings.Options,
        _ => $"{settings.Options} {PinnedSettings.StartupOptions}".TrimStart(),
    };

    private static ConnectionHost[] Shuffled(IReadOnlyList<ConnectionHost> hosts)
    {
        ConnectionHost[] shuffled = [.. hosts];
        Random.Shared.Shuffle(shuffled);
        return shuffled;
    }

    /// <summary>The driver's word for a login method.</summary>
    private static string NameOf(string method) => method switch
    {
        "password" => "Password",
        "md5" => "MD5",
        "gss" => "GSS",
        "sspi" => "SSPI",
        LoginMethods.Scram => "ScramSHA256",
        _ => "None",
    };

    /// <summary>What is to be verified is verified by <see cref="TlsHandshakes"/>; to the driver that is "require", with nothing to look up by itself.</summary>
    private static SslMode TlsOf(ConnectionSettings settings) => TlsPolicy.Of(settings).Mode switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        _ => SslMode.Require,
    };

    /// <summary>Whole seconds, at least one; zero is for ever, as in the settings.</summary>
    private static int TimeoutSeconds(TimeSpan timeout)
        => timeout <= TimeSpan.Zero ? 0 : (int)Math.Clamp(Math.Ceiling(timeout.TotalSeconds), 1, MaximumTimeoutSeconds);
}
