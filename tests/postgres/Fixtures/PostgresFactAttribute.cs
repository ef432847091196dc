namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A test that needs a PostgreSQL server; skipped with its reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    /// <summary>A test against a server.</summary>
    /// <param name="unix">The test looks at what only Unix has.</param>
    /// <param name="linux">The test looks at what only Linux has.</param>
    /// <param name="root">The test looks at what happens to root.</param>
    /// <param name="since">The oldest release of the server that has what the test looks at.</param>
    /// <param name="slow">The test takes more than half a minute, and is run when asked for.</param>
    public PostgresFactAttribute(bool unix = false, bool linux = false, bool root = false, int since = 0, bool slow = false) =>
        Skip = slow && Environment.GetEnvironmentVariable("LEOPS_SLOW_TESTS") != "1"
            ? "Slow: only with LEOPS_SLOW_TESTS=1."
            : PostgresAvailability.SkipBecause(unix, linux, root, since);
}
