namespace LeoPS;

/// <summary>Everything needed to open a connection, whichever way the user gave it. ToString never shows the password.</summary>
public sealed record ConnectionSettings
{
    /// <summary>Host name, address, or the folder of a unix socket; several separated by commas.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>TCP port.</summary>
    public int Port { get; init; } = 5432;

    /// <summary>Database name; null means the user's name, as libpq has it.</summary>
    public string? Database { get; init; }

    /// <summary>Login role; null means the operating-system user, as libpq has it.</summary>
    public string? UserName { get; init; }

    /// <summary>Password; null leaves the choice to .pgpass.</summary>
    public string? Password { get; init; }

    /// <summary>libpq's sslmode (disable, allow, prefer, require, verify-ca, verify-full); null where the user said nothing.</summary>
    public string? SslMode { get; init; }

    /// <summary>Path of the certificate authority to trust; null means the system's.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>Role to assume inside each transaction; null means the login role.</summary>
    public string? Role { get; init; }

    /// <summary>How the server end is shared.</summary>
    public PoolerMode PoolerMode { get; init; }

    /// <summary>True where no statement may write.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>How long opening may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a statement may take; zero means for ever.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>Where the settings came from, for people: "-Uri", "DATABASE_URL".</summary>
    public string Source { get; init; } = "parameters";

    /// <summary>Keys of the URL or connection string that LeoPS does not know; told to the user once.</summary>
    public IReadOnlyList<string> UnknownKeys { get; init; } = [];

    /// <summary>Host, port, database and user; never the password.</summary>
    public override string ToString() => $"{UserName}@{Host}:{Port}/{Database ?? UserName}";
}
