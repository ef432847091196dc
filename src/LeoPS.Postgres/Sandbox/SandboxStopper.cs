namespace LeoPS.Postgres.Sandbox;

/// <summary>Stops a sandbox, and takes it away where asked.</summary>
/// <param name="environment">The machine and the process.</param>
/// <param name="registry">Where a removed sandbox is forgotten.</param>
internal sealed class SandboxStopper(SandboxEnvironment environment, SandboxRegistry registry)
{
    /// <summary>Stops the server; stopping a stopped one does nothing.</summary>
    /// <exception cref="LeoException">SandboxFailed where the folder is no sandbox, or the server does not stop.</exception>
    public async Task StopAsync(string path, bool remove, CancellationToken cancellationToken)
    {
        var folder = SandboxFolder.At(path);
        SandboxState state = StateOf(folder);
        ServerUser user = await ServerUser.ResolveAsync(environment, state.ServerUser, cancellationToken).ConfigureAwait(false);
        using SandboxLock? held = await SandboxLock.AcquireAsync(folder, SandboxStarter.LockPatience, cancellationToken).ConfigureAwait(false);
        if (held is null)
        {
            return;
        }

        state = StateOf(folder);
        if (ServerProcess.Find(folder.Data) is not null)
        {
            await StopServerAsync(folder, state, user, remove, cancellationToken).ConfigureAwait(false);
        }

        if (remove)
        {
            await folder.RemoveAsync(cancellationToken).ConfigureAwait(false);
            held.DisposeWithFolder();
            registry.Remove(folder);
        }
    }

    private static SandboxState StateOf(SandboxFolder folder) => folder.ReadState()
        ?? throw SandboxFailure.Because($"'{folder.Root}' is not a sandbox of LeoPS, so nothing was done to it. Get-LeoSandbox lists the sandboxes.");

    private async Task StopServerAsync(
        SandboxFolder folder, SandboxState state, ServerUser user, bool remove, CancellationToken cancellationToken)
    {
        // Any release's pg_ctl can stop a server: its own may have been uninstalled since.
        PostgresBinaries binaries = await new PostgresBinariesLocator(environment, user)
            .FindAsync(major: null, state.BinaryPath, log: null, cancellationToken).ConfigureAwait(false);
        var control = new ServerControl(folder, binaries, user);
        string? failure = await control.TryStopAsync("fast", cancellationToken).ConfigureAwait(false);
        if (failure is not null && remove)
        {
            failure = await control.TryStopAsync("immediate", cancellationToken).ConfigureAwait(false);
        }

        if (failure is not null)
        {
            throw SandboxFailure.Because($"The server in '{folder.Root}' did not stop: {failure} Its log is '{folder.Log}'.");
        }
    }
}
