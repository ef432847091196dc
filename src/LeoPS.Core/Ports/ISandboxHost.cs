using LeoPS.Sandbox;

namespace LeoPS.Ports;

/// <summary>Private PostgreSQL servers, each in a folder of the user's.</summary>
public interface ISandboxHost
{
    /// <summary>Where a sandbox lives if the user names no folder.</summary>
    string DefaultPath { get; }

    /// <summary>Starts the server of a folder, making it first where it is new; a running one is returned as it is.</summary>
    /// <exception cref="LeoException">SandboxFailed.</exception>
    Task<LeoSandbox> StartAsync(SandboxOptions options, CancellationToken cancellationToken);

    /// <summary>The sandbox of a folder, running or not; null where the folder holds none.</summary>
    Task<LeoSandbox?> FindAsync(string path, CancellationToken cancellationToken);

    /// <summary>Every sandbox that this user started and that still has its folder.</summary>
    Task<IReadOnlyList<LeoSandbox>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Stops the server, and removes its folder where asked; stopping a stopped one is not an error.</summary>
    /// <exception cref="LeoException">SandboxFailed.</exception>
    Task StopAsync(string path, bool remove, CancellationToken cancellationToken);

    /// <summary>How to connect to a running sandbox as its superuser.</summary>
    /// <exception cref="LeoException">SandboxFailed where it does not run.</exception>
    ConnectionSettings SettingsOf(LeoSandbox sandbox);
}
