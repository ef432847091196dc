namespace LeoPS.Ports;

/// <summary>What a storage assembly offers; the only thing the composition root asks it for.</summary>
public interface IStorage
{
    /// <summary>Local PostgreSQL servers in folders of the user's.</summary>
    ISandboxHost Sandboxes { get; }

    /// <summary>Opens a connection, and says who is at the other end.</summary>
    /// <exception cref="LeoException">ConnectionFailed, AuthenticationFailed.</exception>
    Task<ILeoDatabase> ConnectAsync(ConnectionSettings settings, CancellationToken cancellationToken);
}
