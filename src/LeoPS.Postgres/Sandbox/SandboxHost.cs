using LeoPS.Ports;
using LeoPS.Sandbox;

namespace LeoPS.Postgres.Sandbox;

/// <summary>Private PostgreSQL servers, each in a folder of the user's, on 127.0.0.1 with a random password.</summary>
public sealed class SandboxHost : ISandboxHost
{
    private readonly SandboxEnvironment _environment;
    private readonly SandboxRegistry _registry;

    /// <summary>The sandboxes of this user on this machine.</summary>
    public SandboxHost()
        : this(new SandboxEnvironment())
    {
    }

    internal SandboxHost(SandboxEnvironment environment)
    {
        _environment = environment;
        _registry = new SandboxRegistry(environment);
    }

    /// <inheritdoc/>
    public string DefaultPath => _environment.DefaultSandbox;

    /// <inheritdoc/>
    public Task<LeoSandbox> StartAsync(SandboxOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return GuardAsync(() => new SandboxStarter(_environment, _registry).StartAsync(options, cancellationToken));
    }

    /// <inheritdoc/>
    /// <exception cref="LeoException">SandboxFailed where the folder cannot be read.</exception>
    public Task<LeoSandbox?> FindAsync(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return GuardAsync(() => Task.FromResult(SandboxReader.Find(SandboxFolder.At(path))));
    }

    /// <inheritdoc/>
    /// <exception cref="LeoException">SandboxFailed where the list cannot be read.</exception>
    public Task<IReadOnlyList<LeoSandbox>> ListAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return GuardAsync(() => Task.FromResult<IReadOnlyList<LeoSandbox>>(
            [.. _registry.List().Select(item => SandboxReader.Describe(item.Folder, item.State))]));
    }

    /// <inheritdoc/>
    public Task StopAsync(string path, bool remove, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await new SandboxStopper(_environment, _registry).StopAsync(path, remove, cancellationToken).ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc/>
    public ConnectionSettings SettingsOf(LeoSandbox sandbox)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        try
        {
            return SandboxReader.SettingsOf(SandboxFolder.At(sandbox.Path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Translate(e);
        }
    }

    /// <summary>The server binaries a new sandbox would use.</summary>
    /// <exception cref="LeoException">SandboxFailed where there are none.</exception>
    internal Task<PostgresBinaries> FindBinariesAsync(CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        ServerUser user = await ServerUser.ResolveAsync(_environment, owner: null, cancellationToken).ConfigureAwait(false);
        return await new PostgresBinariesLocator(_environment, user)
            .FindAsync(major: null, remembered: null, log: null, cancellationToken).ConfigureAwait(false);
    });

    private static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Translate(e);
        }
    }

    private static LeoException Translate(Exception e) =>
        SandboxFailure.Because($"{e.Message} The sandbox's folder must be on a local disk, and yours to read and write; -Path names another one.");
}
