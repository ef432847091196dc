namespace LeoPS.PostgresTests.Fixtures;

/// <summary>What the five tables can be in a database.</summary>
public enum TableKind
{
    /// <summary>Ordinary tables.</summary>
    Plain,

    /// <summary>Hash-partitioned by id; executions range-partitioned by started_at, so that no unique key of execution_key can exist.</summary>
    Partitioned,

    /// <summary>Views with INSTEAD OF triggers over tables in another schema.</summary>
    View,

    /// <summary>Foreign tables of postgres_fdw over tables in another schema of the same database.</summary>
    Foreign,
}
