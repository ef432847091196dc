namespace LeoPS.Sandbox;

/// <summary>A private PostgreSQL server in a folder of the user's. Holds no secret.</summary>
public sealed class LeoSandbox
{
    /// <summary>The folder that holds the server's data, log and password file.</summary>
    public string Path { get; internal init; } = "";

    /// <summary>Loopback address.</summary>
    public string HostName { get; internal init; } = "127.0.0.1";

    /// <summary>TCP port.</summary>
    public int Port { get; internal init; }

    /// <summary>Database with the LeoPS tables.</summary>
    public string Database { get; internal init; } = "leops";

    /// <summary>Superuser of the private server.</summary>
    public string UserName { get; internal init; } = "";

    /// <summary>Process id of the server; null where it does not run.</summary>
    public int? ProcessId { get; internal init; }

    /// <summary>True where the server runs.</summary>
    public bool Running => ProcessId is not null;

    /// <summary>Version of the server's binaries, such as "15.18".</summary>
    public string ServerVersion { get; internal init; } = "";

    /// <summary>Folder of the server's binaries.</summary>
    public string BinaryPath { get; internal init; } = "";

    /// <summary>The server's log file.</summary>
    public string LogPath { get; internal init; } = "";
}
