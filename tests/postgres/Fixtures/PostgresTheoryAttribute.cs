namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A theory that needs a PostgreSQL server; skipped with its reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    /// <summary>A theory against a server.</summary>
    public PostgresTheoryAttribute() => Skip = PostgresAvailability.MissingBecause;
}
