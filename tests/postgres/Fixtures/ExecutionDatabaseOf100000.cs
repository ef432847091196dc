namespace LeoPS.PostgresTests.Fixtures;

/// <summary>100,000 runs of 200 flows: a hundredth of them running, and as many pending, the others completed.</summary>
public sealed class ExecutionDatabaseOf100000(PostgresServer server) : DatabaseFilled<ExecutionDatabase>(
    () => ExecutionDatabase.CreateAsync(server),
    async database =>
    {
        await database.RunAsync("""
            insert into crewai_flows (id, flow_key, flow_name, flow_definition, status)
            select md5('flow ' || n)::uuid, 'flow-' || n, 'Flow ' || n, '{}', 'active' from generate_series(0, 199) n
            """);
        List<Guid> ids = await database.InsertAsync(
            100_000,
            "completed",
            ("execution_key", "'FLOW-' || n % 200 || '-' || md5(n::text)"),
            ("input_state", """jsonb_build_object('agenda', jsonb_build_array('runway', 'hiring', 'risks'), 'attendees', 5 + n % 3)"""),
            ("started_at", "now() - n * interval '10 seconds'"),
            ("token_count", "n % 40000"),
            ("cost_usd", "n % 40000 * 0.000003"));
        await database.RunAsync("""
            set session_replication_role = replica;
            update crewai_flow_executions e set flow_id = md5('flow ' || split_part(execution_key, '-', 2))::uuid,
              status = case extract(epoch from started_at)::bigint / 10 % 100 when 0 then 'running' when 1 then 'pending' else status end
            """);
        await database.RunAsync("vacuum full analyze crewai_flow_executions");
        await database.RunAsync("vacuum analyze crewai_flow_executions");
        await database.RunAsync("analyze crewai_flows");
        return ids;
    });
