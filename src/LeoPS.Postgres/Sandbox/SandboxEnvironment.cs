namespace LeoPS.Postgres.Sandbox;

/// <summary>What a sandbox wants to know of the process and the machine it is in; tests put their own in its place.</summary>
internal sealed class SandboxEnvironment
{
    /// <summary>The folder of server binaries that the user chose.</summary>
    public const string BinariesVariable = "LEOPS_POSTGRES_BIN";

    /// <summary>The folder of the default sandbox that the user chose.</summary>
    public const string HomeVariable = "LEOPS_SANDBOX_HOME";

    private string? _stateFolder;
    private string? _cacheFolder;

    /// <summary>Reads an environment variable; null where it is not set.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>True for Unix's root, whom PostgreSQL refuses to serve.</summary>
    public bool IsRoot { get; init; } = !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>Where the usual install folders begin; another one only in tests.</summary>
    public string InstallRoot { get; init; } = "/";

    /// <summary>Where system tools are even if PATH does not say so.</summary>
    public IReadOnlyList<string> SystemTools { get; init; } = OperatingSystem.IsWindows() ? [] : ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    /// <summary>The folder for the default sandbox and the list of known ones.</summary>
    /// <exception cref="LeoException">SandboxFailed where the user has no such folder.</exception>
    public string StateFolder
    {
        get => _stateFolder ??= IsRoot ? "/var/lib/leops" : Path.Combine(LocalData(), "LeoPS");
        init => _stateFolder = value;
    }

    /// <summary>The folder for downloaded server binaries.</summary>
    /// <exception cref="LeoException">SandboxFailed where the user has no such folder.</exception>
    public string CacheFolder
    {
        get => _cacheFolder ??= FindCacheFolder();
        init => _cacheFolder = value;
    }

    /// <summary>Where a sandbox lives if the user names no folder.</summary>
    /// <exception cref="LeoException">SandboxFailed where the user has no such folder.</exception>
    public string DefaultSandbox =>
        NonEmpty(HomeVariable) is { } home ? Path.GetFullPath(home) : Path.Combine(StateFolder, "sandbox");

    /// <summary>The folder with one small file for each known sandbox.</summary>
    public string RegistryFolder => Path.Combine(StateFolder, "sandboxes");

    /// <summary>A variable's value; null where it is missing or empty.</summary>
    public string? NonEmpty(string variable) => Variable(variable) is { Length: > 0 } value ? value : null;

    /// <summary>The folders of PATH.</summary>
    public IEnumerable<string> SearchPath() =>
        (Variable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The full path of a tool on PATH or in the folders of system tools; null where it is not there.</summary>
    public string? FindTool(string name) => SearchPath().Concat(SystemTools)
        .Where(Path.IsPathFullyQualified)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    private static string LocalData()
    {
        string folder = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return folder.Length > 0
            ? folder
            : throw SandboxFailure.Because($"This user has no home folder for a sandbox. Name a folder with -Path, or set HOME and {HomeVariable}.");
    }

    private string FindCacheFolder()
    {
        if (IsRoot)
        {
            return "/var/cache/leops";
        }

        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(LocalData(), "LeoPS", "cache");
        }

        if (OperatingSystem.IsMacOS())
        {
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "Library", "Caches", "LeoPS");
        }

        return NonEmpty("XDG_CACHE_HOME") is { } cache && Path.IsPathFullyQualified(cache)
            ? Path.Combine(cache, "leops")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "leops");
    }
}
