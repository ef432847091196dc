using System.Globalization;
using System.Text.RegularExpressions;

namespace LeoPS.Postgres.Sandbox;

/// <summary>Where packages and installers put PostgreSQL's server.</summary>
internal static partial class InstallFolders
{
    /// <summary>The folders that exist, the newest release of each kind first.</summary>
    /// <param name="root">The root of the file system.</param>
    /// <param name="programFiles">Windows' folder of programs; null elsewhere.</param>
    public static IEnumerable<string> List(string root, string? programFiles)
    {
        if (programFiles is not null)
        {
            return Releases(Path.Combine(programFiles, "PostgreSQL"), "*");
        }

        return
        [
            .. Releases(Path.Combine(root, "usr/lib/postgresql"), "*"),
            .. Releases(Path.Combine(root, "usr"), "pgsql-*"),
            .. Existing(Path.Combine(root, "usr/bin")),
            .. Releases(Path.Combine(root, "opt/homebrew/opt"), "postgresql@*"),
            .. Releases(Path.Combine(root, "usr/local/opt"), "postgresql@*"),
            .. Releases(Path.Combine(root, "home/linuxbrew/.linuxbrew/opt"), "postgresql@*"),
            .. Releases(Path.Combine(root, "Applications/Postgres.app/Contents/Versions"), "*"),
            .. Existing(Path.Combine(root, "usr/local/pgsql/bin")),
        ];
    }

    private static IEnumerable<string> Releases(string parent, string pattern)
    {
        if (!Directory.Exists(parent))
        {
            return [];
        }

        return Directory.EnumerateDirectories(parent, pattern)
            .Select(folder => (Folder: folder, Release: Number().Match(Path.GetFileName(folder))))
            .Where(item => item.Release.Success)
            .OrderByDescending(item => double.Parse(item.Release.Value, CultureInfo.InvariantCulture))
            .SelectMany(item => Existing(Path.Combine(item.Folder, "bin")));
    }

    private static string[] Existing(string folder) => Directory.Exists(folder) ? [folder] : [];

    [GeneratedRegex(@"\d+(?:\.\d+)?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Number();
}
