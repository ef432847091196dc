namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A theory that needs a PostgreSQL server; skipped with its reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    /// <summary>A theory against a server.</summary>
    /// <param name="unix">The test looks at what only Unix has.</param>
    /// <param name="linux">The test looks at what only Linux has.</param>
    /// <param name="root">The test looks at what happens to root.</param>
    public PostgresTheoryAttribute(bool unix = false, bool linux = false, bool root = false) =>
        Skip = PostgresAvailability.SkipBecause(unix, linux, root, since: 0);
}
