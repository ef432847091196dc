namespace LeoPS;

/// <summary>What Test-LeoDatabase found out.</summary>
public sealed class DatabaseReport
{
    /// <summary>The host that answered: of several, the one that was chosen.</summary>
    public string HostName { get; internal init; } = "";

    /// <summary>TCP port.</summary>
    public int Port { get; internal init; }

    /// <summary>current_database().</summary>
    public string Database { get; internal init; } = "";

    /// <summary>session_user.</summary>
    public string UserName { get; internal init; } = "";

    /// <summary>current_user.</summary>
    public string Role { get; internal init; } = "";

    /// <summary>server_version.</summary>
    public string ServerVersion { get; internal init; } = "";

    /// <summary>One round trip of an empty query, the best of three.</summary>
    public TimeSpan Latency { get; internal init; }

    /// <summary>The TLS version of the connection to the host, such as "TLSv1.3"; null where it is not encrypted.</summary>
    public string? Tls { get; internal init; }

    /// <summary>The cipher suite, such as "TLS_AES_256_GCM_SHA384"; null where the connection is not encrypted.</summary>
    public string? Cipher { get; internal init; }

    /// <summary>What was checked of the server's certificate; null where the connection is not encrypted.</summary>
    public CertificateCheck? Certificate { get; internal init; }

    /// <summary>Which shape of the tables was found: "seed (21 + 18 columns)", "24-column executions", "none".</summary>
    public string SchemaShape { get; internal init; } = "";

    /// <summary>Tables and columns that LeoPS needs and that are not there; empty where all is well.</summary>
    public IReadOnlyList<string> Missing { get; internal init; } = [];

    /// <summary>Tables of which no row could be read as the role connected, each as "table: reason"; empty where all is well, also for tables without rows.</summary>
    public IReadOnlyList<string> ReadFailures { get; internal init; } = [];

    /// <summary>True where nothing is missing and one row of each table could be read.</summary>
    public bool Healthy => Missing.Count == 0 && ReadFailures.Count == 0;
}
