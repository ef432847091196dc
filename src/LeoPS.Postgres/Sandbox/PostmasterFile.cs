using System.Globalization;

namespace LeoPS.Postgres.Sandbox;

/// <summary>What postmaster.pid says. A killed server leaves it behind, so it proves nothing by itself.</summary>
/// <param name="ProcessId">The server's process when the file was written.</param>
/// <param name="StartedAt">When that process started; null in a file cut short.</param>
/// <param name="Port">TCP port; null in a file cut short.</param>
/// <param name="Text">The lines that never change while the server runs.</param>
internal sealed record PostmasterFile(int ProcessId, DateTimeOffset? StartedAt, int? Port, string Text)
{
    private const int ProcessIdLine = 0;
    private const int StartedAtLine = 2;
    private const int PortLine = 3;

    /// <summary>The file's path in a data folder.</summary>
    public static string PathIn(string dataFolder) => Path.Combine(dataFolder, "postmaster.pid");

    /// <summary>Reads the file of a data folder; null where there is none or it holds no process id.</summary>
    public static PostmasterFile? TryRead(string dataFolder)
    {
        string path = PathIn(dataFolder);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            return Parse(reader.ReadToEnd());
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The server removed it as it went.
            return null;
        }
    }

    /// <summary>Reads the file's text; null where it holds no process id.</summary>
    public static PostmasterFile? Parse(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.TrimEntries);
        if (!int.TryParse(lines[ProcessIdLine], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int id))
        {
            return null;
        }

        DateTimeOffset? startedAt = lines.Length > StartedAtLine
            && long.TryParse(lines[StartedAtLine], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
        int? port = lines.Length > PortLine && int.TryParse(lines[PortLine], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;

        // A single-user backend writes its id with a minus.
        return new PostmasterFile(Math.Abs(id), startedAt, port, string.Join('\n', lines.Take(PortLine + 1)));
    }
}
