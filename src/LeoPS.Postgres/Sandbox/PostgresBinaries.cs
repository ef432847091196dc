using System.Globalization;
using System.Text.RegularExpressions;

namespace LeoPS.Postgres.Sandbox;

/// <summary>A folder of server binaries.</summary>
/// <param name="Folder">Full path.</param>
/// <param name="Version">Such as "15.18".</param>
internal sealed partial record PostgresBinaries(string Folder, string Version)
{
    /// <summary>The oldest release that has what the tables need: gen_random_uuid() without an extension.</summary>
    public const int OldestMajor = 13;

    private static readonly string[] Tools = ["initdb", "pg_ctl", "postgres"];

    /// <summary>The release that a data folder is bound to.</summary>
    public int Major { get; } = MajorOf(Version) ?? throw new ArgumentException($"'{Version}' is not a version of PostgreSQL.", nameof(Version));

    /// <summary>Full path of initdb.</summary>
    public string Initdb => Tool(Folder, "initdb");

    /// <summary>Full path of pg_ctl.</summary>
    public string PgCtl => Tool(Folder, "pg_ctl");

    /// <summary>The release in a version's text; null where there is none.</summary>
    public static int? MajorOf(string version) =>
        Regex.Match(version, @"^\s*(?<major>\d{1,4})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)) is { Success: true } match
            ? int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture)
            : null;

    /// <summary>The first tool of a server that is not in a folder; null where all are.</summary>
    public static string? MissingTool(string folder) => Tools.FirstOrDefault(tool => !File.Exists(Tool(folder, tool)));

    /// <summary>The path of a tool in a folder of binaries.</summary>
    public static string Tool(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    /// <summary>The version in what "postgres --version" prints; null where there is none.</summary>
    public static string? ParseVersion(string output) =>
        VersionText().Match(output) is { Success: true } match ? match.Groups["version"].Value : null;

    [GeneratedRegex(@"\(PostgreSQL\)\s+(?<version>\d+[\w.]*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VersionText();
}
