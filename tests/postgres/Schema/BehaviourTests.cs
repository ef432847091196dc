using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Schema;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Schema;

/// <summary>What the installed tables do: cascades, triggers, row level security.</summary>
[Collection(PostgresServerGroup.Name)]
[Trait("Category", "Core")]
public sealed class BehaviourTests(PostgresServer server) : IAsyncLifetime
{
    private const string Me = "11111111-1111-1111-1111-111111111111";
    private const string Flow = "22222222-2222-2222-2222-222222222222";
    private const string Run = "33333333-3333-3333-3333-333333333333";
    private SchemaDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _database = await SchemaDatabase.CreateAsync(server);
        await new SchemaStore(ConnectionSource.Over(_database.DataSource), new ConnectionSettings()).InstallAsync(CallContext.For("test"), CancellationToken.None);
        await _database.RunAsync($"""
            insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope) values ('SD-1', 'SD-1', 't', 'active', 'c', 'p', 'd', 'r', 's');
            insert into exec_implementation_sessions (id, sd_id, implementation_type) values ('{Run}', 'SD-1', 'GENERAL_FEATURE');
            insert into exec_handoff_preparations (session_id, sd_id, implementation_summary) values ('{Run}', 'SD-1', 'x');
            insert into crewai_flows (id, flow_key, flow_name, flow_definition, status) values ('{Flow}', 'weekly', 'Weekly', '{"{}"}', 'active');
            """);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [PostgresTheory]
    [InlineData("strategic_directives_v2")]
    [InlineData("exec_implementation_sessions")]
    public async Task Handoffs_go_with_what_they_belong_to(string table)
    {
        await _database.RunAsync($"delete from {table}");

        Assert.Equal(0, await _database.ScalarAsync<long>("select count(*) from exec_handoff_preparations"));
    }

    [PostgresFact]
    public async Task Runs_go_with_their_flow()
    {
        await StartAsync("1 minute");
        await _database.RunAsync("delete from crewai_flows");

        Assert.Equal(0, await _database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }

    [PostgresFact]
    public async Task A_directive_has_one_active_session()
    {
        var refusal = await Assert.ThrowsAsync<PostgresException>(() =>
            _database.RunAsync("insert into exec_implementation_sessions (sd_id, implementation_type) values ('SD-1', 'API_ENDPOINT')"));

        Assert.Equal("idx_exec_sessions_sd_active", refusal.ConstraintName);
    }

    [PostgresFact]
    public async Task Completing_computes_the_duration_once()
    {
        await StartAsync("90 seconds", duration: "5");
        Assert.Equal(5, await DurationAsync());

        await _database.RunAsync("update crewai_flow_executions set completed_at = started_at + interval '90.0015 seconds', duration_ms = 7");
        Assert.Equal(90002, await DurationAsync());

        await _database.RunAsync("update crewai_flow_executions set completed_at = started_at + interval '2 hours', duration_ms = 8");
        Assert.Equal(8, await DurationAsync());
    }

    [PostgresFact]
    public async Task A_run_of_25_days_overflows_and_has_a_way_out()
    {
        await StartAsync("25 days");

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => _database.RunAsync("update crewai_flow_executions set completed_at = now()"));
        Assert.Equal("22003", refusal.SqlState);

        await _database.RunAsync("""
            update crewai_flow_executions set completed_at = started_at;
            update crewai_flow_executions set completed_at = now(), duration_ms = null;
            """);
        Assert.True(await _database.ScalarAsync<bool>("select duration_ms is null and completed_at > started_at from crewai_flow_executions"));
    }

    [PostgresFact]
    public async Task Starting_counts()
    {
        await StartAsync("1 second");

        Assert.Equal(["1|True"], await _database.RowsAsync("select execution_count, last_executed_at is not null from crewai_flows"));
    }

    [PostgresTheory]
    [InlineData("insert into crewai_flow_executions (flow_id, execution_key) values ('" + Flow + "', repeat('k', 101))", "22001")]
    [InlineData("insert into crewai_flow_executions (flow_id, execution_key, status) values ('" + Flow + "', 'k', 'done')", "23514")]
    [InlineData("insert into crewai_flow_executions (flow_id, execution_key, cost_usd) values ('" + Flow + "', 'k', 1000000)", "22003")]
    [InlineData("insert into crewai_flow_executions (flow_id, execution_key) values ('" + Flow + "', 'k'), ('" + Flow + "', 'k')", "23505")]
    [InlineData("update exec_handoff_preparations set handoff_status = 'ACCEPTED'", "23514")]
    public async Task The_limits_hold(string statement, string sqlState)
    {
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => _database.RunAsync(statement));

        Assert.Equal(sqlState, refusal.SqlState);
    }

    [PostgresTheory]
    [InlineData("service_role", 1)]
    [InlineData("authenticated", 1)]
    [InlineData("anon", 0)]
    public async Task Handoffs_are_seen_by(string role, long rows) =>
        Assert.Equal(rows, await AsAsync(role, "select count(*) from exec_handoff_preparations"));

    [PostgresTheory]
    [InlineData("service_role", 1)]
    [InlineData("authenticated", 0)]
    [InlineData("anon", 0)]
    public async Task Handoffs_are_changed_by_and_nobody_else_hears_of_it(string role, int rows) =>
        Assert.Equal((long)rows, await AsAsync(role, "with u as (update exec_handoff_preparations set handoff_status = 'ready' returning 1) select count(*) from u"));

    [PostgresFact]
    public async Task Authenticated_may_not_insert_handoffs_nor_runs_of_others()
    {
        foreach (var statement in (string[])[
            $"insert into exec_handoff_preparations (session_id, sd_id, implementation_summary) values ('{Run}', 'SD-1', 'y')",
            $"insert into crewai_flow_executions (flow_id, execution_key, executed_by) values ('{Flow}', 'k', '{Flow}')"])
        {
            var refusal = await Assert.ThrowsAsync<PostgresException>(() => AsAsync("authenticated", $"with i as ({statement} returning 1) select count(*) from i"));
            Assert.Equal("42501", refusal.SqlState);
        }
    }

    [PostgresFact]
    public async Task Authenticated_starts_and_reads_its_own_runs_and_the_counter_of_anothers_flow_stays()
    {
        var inserted = await AsAsync("authenticated", $"with i as (insert into crewai_flow_executions (flow_id, execution_key, executed_by) values ('{Flow}', 'mine', auth.uid()) returning 1) select count(*) from i");

        Assert.Equal(1, inserted);
        await StartAsync("1 second");
        Assert.Equal(["1"], await _database.RowsAsync("select execution_count from crewai_flows"));
        Assert.Equal(1, await AsAsync("authenticated", "select count(*) from crewai_flow_executions"));
        Assert.Equal(2, await AsAsync("service_role", "select count(*) from crewai_flow_executions"));
        Assert.Equal(0, await AsAsync("authenticated", "with u as (update crewai_flow_executions set status = 'running' returning 1) select count(*) from u"));
    }

    [PostgresFact]
    public async Task The_counter_of_ones_own_flow_counts()
    {
        await _database.RunAsync($"update crewai_flows set created_by = '{Me}'");

        await AsAsync("authenticated", $"with i as (insert into crewai_flow_executions (flow_id, execution_key, executed_by) values ('{Flow}', 'mine', auth.uid()) returning 1) select count(*) from i");

        Assert.Equal(["1"], await _database.RowsAsync("select execution_count from crewai_flows"));
    }

    [PostgresFact]
    public async Task An_archived_flow_is_hidden_from_authenticated()
    {
        Assert.Equal(1, await AsAsync("authenticated", "select count(*) from crewai_flows"));
        await _database.RunAsync("update crewai_flows set status = 'archived'");
        Assert.Equal(0, await AsAsync("authenticated", "select count(*) from crewai_flows"));
    }

    [PostgresTheory]
    [InlineData("set local request.jwt.claims = '{\"sub\":\"" + Me + "\"}'", Me)]
    [InlineData("set local request.jwt.claim.sub = '" + Me + "'", Me)]
    [InlineData("set local request.jwt.claims = '{\"role\":\"anon\"}'", "-")]
    [InlineData("set local request.jwt.claims = ''", "-")]
    [InlineData("select 1", "-")]
    public async Task Auth_uid_reads_the_claims(string claims, string expected)
    {
        await using var connection = await _database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var set = new NpgsqlCommand(claims, connection);
        await set.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand("select coalesce(auth.uid()::text, '-')", connection);

        Assert.Equal(expected, await command.ExecuteScalarAsync());
    }

    private Task StartAsync(string ago, string duration = "null") => _database.RunAsync($"""
        insert into crewai_flow_executions (id, flow_id, execution_key, status, started_at, duration_ms)
        values ('{Run}', '{Flow}', 'run', 'running', now() - interval '{ago}', {duration})
        """);

    private Task<int> DurationAsync() => _database.ScalarAsync<int>("select duration_ms from crewai_flow_executions");

    private async Task<long> AsAsync(string role, string sql)
    {
        await using var connection = await _database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var assume = new NpgsqlCommand($"set local role {role}; set local request.jwt.claims = '{{\"sub\":\"{Me}\"}}'", connection);
        await assume.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        var result = (long)(await command.ExecuteScalarAsync())!;
        await transaction.CommitAsync();
        return result;
    }
}
