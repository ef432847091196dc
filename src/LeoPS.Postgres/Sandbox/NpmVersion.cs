using System.Globalization;
using System.Text.RegularExpressions;

namespace LeoPS.Postgres.Sandbox;

/// <summary>A version of the npm server binaries, such as "18.4.0-beta.17". All of them carry the suffix: it counts the packaging.</summary>
/// <param name="Text">As npm writes it.</param>
/// <param name="Server">The server's version.</param>
/// <param name="Packaging">The suffix's number; 0 where there is none.</param>
internal sealed partial record NpmVersion(string Text, Version Server, int Packaging)
{
    /// <summary>Reads a version; null where it is of another form.</summary>
    public static NpmVersion? Parse(string text)
    {
        Match match = Form().Match(text);
        if (!match.Success)
        {
            return null;
        }

        Group packaging = match.Groups["packaging"];
        return new NpmVersion(
            text,
            Version.Parse(match.Groups["server"].Value),
            packaging.Success ? int.Parse(packaging.Value, CultureInfo.InvariantCulture) : 0);
    }

    /// <summary>The newest version of a release that we can use; null where there is none.</summary>
    /// <param name="versions">Versions as npm writes them.</param>
    /// <param name="major">The release; null means any.</param>
    public static NpmVersion? Newest(IEnumerable<string> versions, int? major) => versions
        .Select(Parse)
        .OfType<NpmVersion>()
        .Where(version => version.Server.Major >= PostgresBinaries.OldestMajor && (major is null || version.Server.Major == major))
        .OrderByDescending(version => version.Server)
        .ThenByDescending(version => version.Packaging)
        .FirstOrDefault();

    [GeneratedRegex(@"^(?<server>\d{1,4}\.\d{1,4}\.\d{1,4})(-beta\.(?<packaging>\d{1,6}))?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}
