namespace LeoPS.Postgres.Sandbox;

/// <summary>The operating-system user that the server runs as: ourselves, or as root an unprivileged one.</summary>
internal sealed class ServerUser
{
    // macOS puts an underscore before the names of its system users.
    private static readonly string[] Unprivileged = ["postgres", "_postgres", "nobody"];

    private readonly IReadOnlyList<string> _launcher;
    private readonly string _ids;

    private ServerUser(string name, string ids, IReadOnlyList<string> launcher)
    {
        Name = name;
        _ids = ids;
        _launcher = launcher;
    }

    /// <summary>The user's name.</summary>
    public string Name { get; }

    /// <summary>True where the server runs as another user than we do.</summary>
    public bool IsAnother => _launcher.Count > 0;

    /// <summary>Finds the user and the way to become it.</summary>
    /// <param name="environment">Tells whether we are root.</param>
    /// <param name="owner">The user who owns the data already; null where there are none yet.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="LeoException">SandboxFailed where the data are another user's, or root finds no such user or no way to become it.</exception>
    public static async Task<ServerUser> ResolveAsync(SandboxEnvironment environment, string? owner, CancellationToken cancellationToken)
    {
        if (!environment.IsRoot)
        {
            if (owner is not null && !string.Equals(owner, Environment.UserName, StringComparison.Ordinal))
            {
                throw SandboxFailure.Because(
                    $"The sandbox's data belong to the user '{owner}', and this is '{Environment.UserName}'. Work as that user or as root, or name another folder with -Path.");
            }

            return new ServerUser(Environment.UserName, "", []);
        }

        string[] names = owner is null ? Unprivileged : [owner];
        foreach (string name in names)
        {
            if (await IdAsync("-u", name, cancellationToken).ConfigureAwait(false) is { } uid
                && await IdAsync("-g", name, cancellationToken).ConfigureAwait(false) is { } gid)
            {
                return new ServerUser(name, $"{uid}:{gid}", await FindLauncherAsync(environment, name, uid, gid, cancellationToken).ConfigureAwait(false));
            }
        }

        throw SandboxFailure.Because(owner is null
            ? "PostgreSQL refuses to run as root, and there is neither a user 'postgres' nor 'nobody'. Create one (useradd --system postgres), or run as another user."
            : $"The sandbox's data belong to the user '{owner}', who does not exist here. Create that user, or remove the sandbox (Stop-LeoSandbox -Remove) and start a new one.");
    }

    /// <summary>Runs a program as this user, with hardly any of our environment.</summary>
    public Task<ProcessResult> RunAsync(string file, IReadOnlyList<string> arguments, string workingFolder, CancellationToken cancellationToken) =>
        IsAnother
            ? ProcessRunner.RunBareAsync(_launcher[0], [.. _launcher.Skip(1), file, .. arguments], workingFolder, cancellationToken)
            : ProcessRunner.RunBareAsync(file, arguments, workingFolder, cancellationToken);

    /// <summary>Hands a file or folder over to this user.</summary>
    /// <exception cref="LeoException">SandboxFailed where the file system refuses.</exception>
    public async Task OwnAsync(string path, CancellationToken cancellationToken)
    {
        if (!IsAnother)
        {
            return;
        }

        ProcessResult result = await ProcessRunner.RunBareAsync("chown", ["-h", _ids, path], "/", cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw SandboxFailure.Because($"'{path}' could not be given to the user '{Name}', who runs the server: {result.Complaint}. Choose a folder on a local disk with -Path.");
        }
    }

    /// <summary>Throws where this user cannot get through to a folder that we may make or have made.</summary>
    /// <exception cref="LeoException">SandboxFailed, with the folder that is in the way.</exception>
    public async Task RefuseBlockedAsync(string path, CancellationToken cancellationToken)
    {
        if (!IsAnother)
        {
            return;
        }

        var parents = new List<string>();
        for (string? parent = Path.GetDirectoryName(path); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (Directory.Exists(parent))
            {
                parents.Insert(0, parent);
            }
        }

        const string Script = "for folder do if [ ! -x \"$folder\" ]; then printf %s \"$folder\"; exit 3; fi; done";
        ProcessResult result = await RunAsync("/bin/sh", ["-c", Script, "sh", .. parents], "/", cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded && result.Output.Length == 0)
        {
            throw SandboxFailure.Because($"The user '{Name}', who is to run the server, cannot look at the folders above '{path}': {result.Complaint}");
        }

        if (!result.Succeeded)
        {
            throw SandboxFailure.Because(
                $"The server of a sandbox runs as the user '{Name}' (PostgreSQL refuses to run as root), and that user may not enter '{result.Output}'. " +
                $"Choose a folder elsewhere with -Path or {SandboxEnvironment.HomeVariable}, such as /var/lib/leops/sandbox, or open the folder: chmod o+x '{result.Output}'.");
        }
    }

    private static async Task<IReadOnlyList<string>> FindLauncherAsync(
        SandboxEnvironment environment, string name, string uid, string gid, CancellationToken cancellationToken)
    {
        (string Tool, string[] Arguments)[] ways =
        [
            ("setpriv", [$"--reuid={uid}", $"--regid={gid}", "--init-groups", "--"]),
            ("runuser", ["-u", name, "--"]),
            ("su", ["-s", "/bin/sh", "-c", "exec \"$@\"", name, "--", "sh"]),
            ("sudo", ["-n", "-u", name, "--"]),
        ];
        foreach ((string tool, string[] arguments) in ways)
        {
            if (environment.FindTool(tool) is not { } file)
            {
                continue;
            }

            // A tool of that name may know fewer options (BusyBox): what counts is who we are behind it.
            ProcessResult result = await ProcessRunner.RunBareAsync(file, [.. arguments, "id", "-u"], "/", cancellationToken).ConfigureAwait(false);
            if (result.Succeeded && string.Equals(result.Output.Trim(), uid, StringComparison.Ordinal))
            {
                return [file, .. arguments];
            }
        }

        throw SandboxFailure.Because(
            $"PostgreSQL refuses to run as root, and none of setpriv, runuser, su and sudo could run a program as '{name}'. Install util-linux, or run as another user.");
    }

    private static async Task<string?> IdAsync(string option, string name, CancellationToken cancellationToken)
    {
        ProcessResult result = await ProcessRunner.RunBareAsync("id", [option, name], "/", cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.Output.Trim() : null;
    }
}
