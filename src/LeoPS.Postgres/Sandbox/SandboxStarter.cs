using LeoPS.Sandbox;

namespace LeoPS.Postgres.Sandbox;

/// <summary>Makes a sandbox where there is none, and starts it where it does not run.</summary>
/// <param name="environment">The machine and the process.</param>
/// <param name="registry">Where a new sandbox is remembered.</param>
internal sealed class SandboxStarter(SandboxEnvironment environment, SandboxRegistry registry)
{
    private const int Attempts = 40;
    private const int HighestPort = 65535;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>How long to wait for another process; it may be fetching binaries.</summary>
    public static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Starts the server of a folder; a running one is returned as it is.</summary>
    /// <exception cref="LeoException">SandboxFailed.</exception>
    public async Task<LeoSandbox> StartAsync(SandboxOptions options, CancellationToken cancellationToken)
    {
        if (options.Port is < 1 or > HighestPort)
        {
            throw SandboxFailure.Because($"Port {options.Port} is not a TCP port. Give one between 1 and {HighestPort}, or none for any free one.");
        }

        var folder = SandboxFolder.At(options.Path ?? environment.DefaultSandbox);
        for (int attempt = 1; ; attempt++)
        {
            ServerUser user = await ServerUser.ResolveAsync(environment, folder.ReadState()?.ServerUser, cancellationToken).ConfigureAwait(false);
            using SandboxLock? held = await EnterAsync(folder, user, isLast: attempt == Attempts, cancellationToken).ConfigureAwait(false);
            if (held is not null)
            {
                return await StartLockedAsync(folder, user, options, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes the folder where it is missing, and locks it; null where another process removed it meanwhile.</summary>
    private static async Task<SandboxLock?> EnterAsync(
        SandboxFolder folder, ServerUser user, bool isLast, CancellationToken cancellationToken)
    {
        await user.RefuseBlockedAsync(folder.Root, cancellationToken).ConfigureAwait(false);
        try
        {
            folder.RefuseForeign();
            CreateFolder(folder, user);
            return await SandboxLock.AcquireAsync(folder, LockPatience, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && !isLast && !Directory.Exists(folder.Root))
        {
            return null;
        }
    }

    private static void CreateFolder(SandboxFolder folder, ServerUser user)
    {
        bool isNew = !Directory.Exists(folder.Root);
        if (user.IsAnother)
        {
            OpenFolder.Create(folder.Root);
        }
        else
        {
            Directory.CreateDirectory(folder.Root);
        }

        if (!OperatingSystem.IsWindows() && (isNew || user.IsAnother))
        {
            File.SetUnixFileMode(folder.Root, user.IsAnother ? OpenFolder.Mode : OwnerOnly);
        }
    }

    private static int? MajorOfData(SandboxFolder folder)
    {
        string file = Path.Combine(folder.Data, "PG_VERSION");
        if (!Directory.Exists(folder.Data))
        {
            return null;
        }

        return PostgresBinaries.MajorOf(File.ReadAllText(file))
            ?? throw SandboxFailure.Because($"'{file}' names no version of PostgreSQL: the data are damaged. Remove the sandbox (Stop-LeoSandbox -Remove) and start a new one.");
    }

    private static async Task EnsureDatabaseAsync(SandboxFolder folder, CancellationToken cancellationToken) =>
        await ServerProbe.EnsureDatabaseAsync(SandboxReader.SettingsOf(folder), folder.Log, cancellationToken).ConfigureAwait(false);

    private static int ChoosePort(SandboxOptions options, int? remembered)
    {
        if (options.Port is { } asked)
        {
            return LoopbackPort.WhyNot(asked) is { } reason
                ? throw SandboxFailure.Because($"Port {asked} of 127.0.0.1 cannot be used: {reason}. Give another -Port, or none for any free one.")
                : asked;
        }

        return remembered is { } port && LoopbackPort.WhyNot(port) is null ? port : LoopbackPort.FindFree();
    }

    private static bool IsPortTaken(string failure) =>
        failure.Contains("could not bind", StringComparison.Ordinal) || failure.Contains("TCP/IP socket", StringComparison.Ordinal);

    /// <summary>Backends of a killed server take a moment to notice that it is gone.</summary>
    private static bool IsOldServerLeaving(string failure) => failure.Contains("pre-existing shared memory", StringComparison.Ordinal);

    /// <summary>A dead server's file stops a start where its number is on another process of the same user, or where it is damaged.</summary>
    private static bool IsStoppedByOldFile(string failure) =>
        failure.Contains("lock file", StringComparison.Ordinal) || failure.Contains("PID file", StringComparison.Ordinal);

    private static async Task<int> StartServerAsync(
        ServerControl control, SandboxFolder folder, int? remembered, SandboxOptions options, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = ChoosePort(options, remembered);
            string? failure = await control.TryStartAsync(port, cancellationToken).ConfigureAwait(false);
            if (failure is null)
            {
                return port;
            }

            // Slow to come up, or an orphan of a killed start that came up before ours.
            if (ServerProcess.Find(folder.Data)?.Port is { } runningOn)
            {
                return runningOn;
            }

            bool isOldFile = IsStoppedByOldFile(failure);
            bool isPortTaken = IsPortTaken(failure);
            bool again = isOldFile || (isPortTaken && options.Port is null) || IsOldServerLeaving(failure);
            if (!again || attempt == Attempts)
            {
                throw SandboxFailure.Because($"The server in '{folder.Root}' did not start on port {port}: {failure} Its log is '{folder.Log}'.");
            }

            remembered = isPortTaken ? null : port;
            await Task.Delay(RetryPause, cancellationToken).ConfigureAwait(false);
            if (isOldFile && ServerProcess.Find(folder.Data) is null)
            {
                // Only now that the server itself has complained of it: a file just being written looks damaged, too.
                File.Delete(PostmasterFile.PathIn(folder.Data));
            }
        }
    }

    private async Task<LeoSandbox> StartLockedAsync(
        SandboxFolder folder, ServerUser user, SandboxOptions options, CancellationToken cancellationToken)
    {
        // Another process may have been here while we waited.
        folder.RefuseForeign();
        SandboxState? known = folder.ReadState();
        SandboxState state = known ?? new SandboxState { Id = Guid.NewGuid() };
        if (known is null)
        {
            folder.WriteState(state);
        }

        Remember(folder, options.Log);
        if (ServerProcess.Find(folder.Data) is { } running)
        {
            if (options.Port is { } asked && asked != running.Port)
            {
                options.Log?.Invoke($"The sandbox runs on port {running.Port} already; port {asked} is for the next start.");
            }

            await EnsureDatabaseAsync(folder, cancellationToken).ConfigureAwait(false);
            return SandboxReader.Describe(folder, state);
        }

        await folder.ClearMakingsAsync(cancellationToken).ConfigureAwait(false);
        int? major = MajorOfData(folder);
        PostgresBinaries binaries = await new PostgresBinariesLocator(environment, user)
            .FindAsync(major, state.BinaryPath, options.Log, cancellationToken).ConfigureAwait(false);
        state = state with { BinaryPath = binaries.Folder, ServerVersion = binaries.Version, ServerUser = user.Name };
        folder.WriteState(state);
        if (major is null)
        {
            options.Log?.Invoke($"Making a PostgreSQL {binaries.Version} server in '{folder.Root}' with the binaries of '{binaries.Folder}'.");
            await new ClusterMaker(folder, binaries, user).MakeAsync(options.Configuration, cancellationToken).ConfigureAwait(false);
        }

        Directory.CreateDirectory(folder.LogFolder);
        await user.OwnAsync(folder.LogFolder, cancellationToken).ConfigureAwait(false);
        int port = await StartServerAsync(new ServerControl(folder, binaries, user), folder, state.Port, options, cancellationToken).ConfigureAwait(false);
        state = state with { Port = port };
        folder.WriteState(state);
        await EnsureDatabaseAsync(folder, cancellationToken).ConfigureAwait(false);
        options.Log?.Invoke($"PostgreSQL {binaries.Version} listens on 127.0.0.1:{port}; its data are in '{folder.Data}'.");
        return SandboxReader.Describe(folder, state);
    }

    private void Remember(SandboxFolder folder, Action<string>? log)
    {
        try
        {
            registry.Add(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LeoException)
        {
            log?.Invoke($"The sandbox will not be listed by Get-LeoSandbox without -Path: {e.Message}");
        }
    }
}
