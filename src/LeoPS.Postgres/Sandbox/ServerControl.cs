namespace LeoPS.Postgres.Sandbox;

/// <summary>Starts and stops a server with pg_ctl.</summary>
/// <param name="folder">The sandbox.</param>
/// <param name="binaries">The server's binaries.</param>
/// <param name="user">The user the server runs as.</param>
internal sealed class ServerControl(SandboxFolder folder, PostgresBinaries binaries, ServerUser user)
{
    /// <summary>How long a start may take, crash recovery included.</summary>
    private const string StartSeconds = "120";

    /// <summary>How long a fast shutdown may take.</summary>
    private const string StopSeconds = "60";

    // pg_ctl gives the server a session of its own and sends its three standard streams to the log; what else our caller left open
    // (a test runner's or a script's pipe) would stay open as long as the server. bash can close any of it, sh the one-digit ones.
    private const string CloseInherited =
        "for f in /dev/fd/*; do n=${f##*/}; case $n in [0-2]) ;; [3-9]) eval \"exec $n>&-\" ;; " +
        "[1-9][0-9]*) if [ -n \"$BASH_VERSION\" ]; then eval \"exec $n>&-\"; fi ;; esac; done; exec \"$@\"";

    private readonly ServerLog _log = new(folder.Log);

    /// <summary>Starts the server; null where it accepts connections, otherwise what the log says.</summary>
    public async Task<string?> TryStartAsync(int port, CancellationToken cancellationToken)
    {
        _log.PutAsideIfFull();
        long before = _log.Length;
        string options = $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=";
        string[] arguments =
            ["start", "-D", SandboxFolder.RelativeData, "-l", SandboxFolder.RelativeLog, "-s", "-w", "-t", StartSeconds, "-o", options];
        ProcessResult result;
        try
        {
            result = await LaunchAsync(arguments, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await RunAsync(["stop", "-D", SandboxFolder.RelativeData, "-s", "-W", "-m", "fast"], CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        if (result.Succeeded)
        {
            return null;
        }

        string reason = ServerLog.ReasonIn(_log.Since(before));
        return reason.Length > 0 ? reason : result.Complaint;
    }

    /// <summary>Stops the server and waits until it is gone; null where it is, otherwise what pg_ctl says.</summary>
    /// <param name="mode">"fast" ends the sessions in good order, "immediate" leaves the data to crash recovery.</param>
    /// <param name="cancellationToken">Ends the wait, not the shutdown.</param>
    public async Task<string?> TryStopAsync(string mode, CancellationToken cancellationToken)
    {
        ProcessResult result = await RunAsync(
            ["stop", "-D", SandboxFolder.RelativeData, "-s", "-w", "-t", StopSeconds, "-m", mode], cancellationToken).ConfigureAwait(false);
        return result.Succeeded || ServerProcess.Find(folder.Data) is null ? null : result.Complaint;
    }

    private Task<ProcessResult> LaunchAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            return ProcessRunner.RunApartOnWindowsAsync(binaries.PgCtl, arguments, folder.Root, cancellationToken);
        }

        string shell = File.Exists("/bin/bash") ? "/bin/bash" : "/bin/sh";
        return user.RunAsync(shell, ["-c", CloseInherited, "sh", binaries.PgCtl, .. arguments], folder.Root, cancellationToken);
    }

    private Task<ProcessResult> RunAsync(string[] arguments, CancellationToken cancellationToken) =>
        user.RunAsync(binaries.PgCtl, arguments, folder.Root, cancellationToken);
}
