namespace LeoPS.PostgresTests.Fixtures;

/// <summary>The test classes that share one server: mark a class with [Collection(PostgresServerGroup.Name)] and take a PostgresServer.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresServerGroup : ICollectionFixture<PostgresServer>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "PostgreSQL";
}
