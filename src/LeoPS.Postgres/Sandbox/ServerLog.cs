namespace LeoPS.Postgres.Sandbox;

/// <summary>The server's log file, read for the reason of a failure.</summary>
/// <param name="path">The file.</param>
internal sealed class ServerLog(string path)
{
    private const long Full = 10 * 1024 * 1024;
    private const int Lines = 4;

    private static readonly string[] Telling =
        ["FATAL:", "PANIC:", "ERROR:", "could not ", "unrecognized configuration", "invalid value", "syntax error", "HINT:"];

    /// <summary>The file's length in bytes; 0 where there is none.</summary>
    public long Length => File.Exists(path) ? new FileInfo(path).Length : 0;

    /// <summary>Puts a log that has grown beyond 10 MB aside as ".old", in place of the one put aside before.</summary>
    public void PutAsideIfFull()
    {
        if (Length > Full)
        {
            File.Move(path, path + ".old", overwrite: true);
        }
    }

    /// <summary>What was written since a length.</summary>
    public string Since(long length)
    {
        if (!File.Exists(path))
        {
            return "";
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(Math.Min(length, stream.Length), SeekOrigin.Begin);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The last lines of a log's text that tell why, in one line; empty where none does.</summary>
    public static string ReasonIn(string text)
    {
        IEnumerable<string> lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => Telling.Any(word => line.Contains(word, StringComparison.Ordinal)))
            .Select(WithoutPrefix);
        return string.Join(" ", lines.TakeLast(Lines));
    }

    private static string WithoutPrefix(string line)
    {
        int end = line.IndexOf("] ", StringComparison.Ordinal);
        return end < 0 ? line : line[(end + 2)..];
    }
}
