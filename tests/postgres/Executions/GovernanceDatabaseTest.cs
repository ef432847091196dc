using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>A test class each of whose tests gets a database in whose table runs are governed.</summary>
public abstract class GovernanceDatabaseTest(PostgresServer server) : ExecutionDatabaseTest(server)
{
    /// <summary>The columns by which runs are governed, with an index over those that name what for.</summary>
    internal const string Columns = """
        alter table crewai_flow_executions
          add column venture_id uuid, add column prd_id uuid, add column sd_id varchar(50),
          add column budget_consumed integer default 0, add column budget_limit integer, add column killed_by_budget boolean default false;
        create index executions_governance on crewai_flow_executions (venture_id, prd_id, sd_id)
        """;

    /// <summary>Adds the columns.</summary>
    private protected Task GovernAsync() => Database.RunAsync(Columns);
}
