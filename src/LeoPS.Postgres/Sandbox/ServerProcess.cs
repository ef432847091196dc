using System.ComponentModel;
using System.Diagnostics;

namespace LeoPS.Postgres.Sandbox;

/// <summary>Tells whether the process of a postmaster.pid is still that server, and not a dead one's number on another process.</summary>
internal static class ServerProcess
{
    private static readonly TimeSpan StartTolerance = TimeSpan.FromSeconds(60);

    /// <summary>What postmaster.pid says of a running server; null where none runs on this data folder.</summary>
    public static PostmasterFile? Find(string dataFolder) =>
        PostmasterFile.TryRead(dataFolder) is { } file && IsServer(file) ? file : null;

    /// <summary>True where the file's process is a server that wrote this file.</summary>
    public static bool IsServer(PostmasterFile file)
    {
        if (OperatingSystem.IsLinux())
        {
            if (IsGoneOnLinux(file.ProcessId))
            {
                return false;
            }

            // A server's working folder is its data folder; the kernel tells it only to the server's user and a full root.
            if (HasSameFileOnLinux(file) is { } same)
            {
                return same;
            }
        }

        return LooksLikeServer(file);
    }

    /// <summary>A dead process that nobody has waited for keeps its number, and signals to it succeed.</summary>
    private static bool IsGoneOnLinux(int processId)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{processId}/stat");
            char state = stat.AsSpan(stat.LastIndexOf(')') + 1).TrimStart()[0];
            return state is 'Z' or 'X';
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            // ESRCH: it ended between opening and reading.
            return true;
        }
    }

    private static bool? HasSameFileOnLinux(PostmasterFile file)
    {
        try
        {
            string text = File.ReadAllText(PostmasterFile.PathIn($"/proc/{file.ProcessId}/cwd"));
            return string.Equals(PostmasterFile.Parse(text)?.Text, file.Text, StringComparison.Ordinal);
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool LooksLikeServer(PostmasterFile file)
    {
        try
        {
            using var process = Process.GetProcessById(file.ProcessId);
            return process.ProcessName.StartsWith("postgres", StringComparison.OrdinalIgnoreCase)
                && file.StartedAt is { } startedAt
                && (startedAt - new DateTimeOffset(process.StartTime).ToUniversalTime()).Duration() <= StartTolerance;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // No such process, ended meanwhile, or one whose start time is not ours to see: none of them is our server.
            return false;
        }
    }
}
