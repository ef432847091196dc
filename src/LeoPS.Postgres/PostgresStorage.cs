using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Sandbox;

namespace LeoPS.Postgres;

/// <summary>The storage that LeoPS ships: PostgreSQL through Npgsql. Found by its name, so that nothing else is referenced.</summary>
public sealed class PostgresStorage : IStorage
{
    /// <inheritdoc/>
    public ISandboxHost Sandboxes { get; } = new SandboxHost();

    /// <inheritdoc/>
    public async Task<ILeoDatabase> ConnectAsync(ConnectionSettings settings, CancellationToken cancellationToken) =>
        await PostgresDatabase.OpenAsync(settings, cancellationToken).ConfigureAwait(false);
}
