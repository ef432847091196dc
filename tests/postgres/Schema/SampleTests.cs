using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Schema;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Schema;

[Collection(PostgresServerGroup.Name)]
[Trait("Category", "Core")]
public sealed class SampleTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly CallContext Context = CallContext.For("Start-LeoSandbox");
    private SchemaDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _database = await SchemaDatabase.CreateAsync(server);
        await Store().InstallAsync(Context, CancellationToken.None);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [PostgresFact]
    public async Task The_sample_has_every_status_and_comes_once()
    {
        Assert.Equal(60, await Store().AddSampleAsync(Context, CancellationToken.None));
        Assert.Equal(0, await Store().AddSampleAsync(Context, CancellationToken.None));

        Assert.Equal(
            ["accepted|19", "preparing|7", "ready|10", "rejected|12", "sent|12"],
            await _database.RowsAsync("select handoff_status, count(*) from exec_handoff_preparations group by 1 order by 1"));
        Assert.Equal(
            ["cancelled|3", "completed|25", "failed|6", "pending|4", "running|4", "timeout|2"],
            await _database.RowsAsync("select status, count(*) from crewai_flow_executions group by 1 order by 1"));
        Assert.Equal(
            ["archived|1", "active|2", "draft|1"],
            await _database.RowsAsync("select status, count(*) from crewai_flows group by 1 order by status <> 'archived', 1"));
        Assert.Equal(12, await _database.ScalarAsync<long>("select count(*) from strategic_directives_v2"));
        Assert.Equal(["active|11", "completed|12", "paused|1"], await _database.RowsAsync("select status, count(*) from exec_implementation_sessions group by 1 order by 1"));
    }

    [PostgresFact]
    public async Task The_stamps_of_the_handoffs_fit_their_statuses()
    {
        await Store().AddSampleAsync(Context, CancellationToken.None);

        Assert.Equal([], await _database.RowsAsync("""
            select id, handoff_status, prepared_at, sent_at, response_at, updated_at from exec_handoff_preparations
            where (sent_at is not null) is distinct from (handoff_status in ('sent', 'accepted', 'rejected'))
               or (response_at is not null) is distinct from (handoff_status in ('accepted', 'rejected'))
               or not prepared_at <= coalesce(sent_at, prepared_at) or not coalesce(sent_at, prepared_at) <= coalesce(response_at, sent_at, prepared_at)
               or greatest(prepared_at, sent_at, response_at, updated_at) > now() or created_at > updated_at
               or (handoff_status = 'rejected') <> coalesce(post_implementation_notes like '% rejected: %', false)
            """));
    }

    [PostgresFact]
    public async Task The_figures_of_the_handoffs_agree_with_each_other()
    {
        await Store().AddSampleAsync(Context, CancellationToken.None);

        Assert.Equal([], await _database.RowsAsync("""
            select id from exec_handoff_preparations, jsonb_to_record(test_results -> 'unit') as unit (total int, passed int, failed int, coverage numeric)
            where handoff_status <> 'preparing'
              and ((unit.total = unit.passed + unit.failed and unit.coverage between 50 and 100 and (quality_metrics ->> 'coverage')::numeric = unit.coverage
                    and cardinality(deliverables_manifest) between 2 and 5 and length(implementation_summary) >= 50) is not true)
            """));
        Assert.Equal(53, await _database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where test_results ? 'unit'"));
        Assert.Equal(60, await _database.ScalarAsync<long>("select count(distinct implementation_summary) from exec_handoff_preparations"));
    }

    [PostgresFact]
    public async Task The_runs_are_plausible()
    {
        await Store().AddSampleAsync(Context, CancellationToken.None);

        Assert.Equal([], await _database.RowsAsync("""
            select e.execution_key, e.status, e.duration_ms, e.completed_at from crewai_flow_executions e join crewai_flows f on f.id = e.flow_id
            where (e.completed_at is not null) is distinct from (e.status not in ('pending', 'running'))
               or e.completed_at > now() or e.started_at > now()
               or (e.duration_ms = round(extract(epoch from e.completed_at - e.started_at) * 1000)::int and e.duration_ms between 1000 and 2100000) is false
               or (e.output_state is not null) is distinct from (e.status = 'completed')
               or (e.error_message is not null) is distinct from (e.status in ('failed', 'timeout'))
               or not e.execution_key like upper(f.flow_key) || '-20%' or e.input_state is null
               or (e.cost_usd is not null and abs(e.cost_usd - e.token_count * 0.000003) > 0.0001)
               or (f.status = 'archived' and e.status <> 'completed')
            """));
        Assert.Equal([], await _database.RowsAsync("select flow_key from crewai_flows f where execution_count <> (select count(*) from crewai_flow_executions where flow_id = f.id) or execution_count = 0"));
    }

    [PostgresFact]
    public async Task Two_databases_get_the_same_rows_apart_from_times()
    {
        await using var other = await SchemaDatabase.CreateAsync(server);
        var store = new SchemaStore(ConnectionSource.Over(other.DataSource), new ConnectionSettings());
        await store.InstallAsync(Context, CancellationToken.None);
        await store.AddSampleAsync(Context, CancellationToken.None);
        await Store().AddSampleAsync(Context, CancellationToken.None);

        foreach (var query in (string[])[
            "select id, session_id, sd_id, handoff_status, implementation_summary, quality_metrics, test_results, deliverables_manifest::text from exec_handoff_preparations order by id",
            "select id, flow_id, status, input_state, output_state, error_message, duration_ms, token_count, cost_usd from crewai_flow_executions order by id"])
        {
            Assert.Equal(await _database.RowsAsync(query), await other.RowsAsync(query));
        }
    }

    [PostgresFact]
    public async Task Where_a_handoff_is_there_already_nothing_is_added()
    {
        await _database.RunAsync("""
            insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope) values ('SD-1', 'SD-1', 't', 'active', 'c', 'p', 'd', 'r', 's');
            insert into exec_implementation_sessions (id, sd_id, implementation_type) values ('33333333-3333-3333-3333-333333333333', 'SD-1', 'GENERAL_FEATURE');
            insert into exec_handoff_preparations (session_id, sd_id, implementation_summary) values ('33333333-3333-3333-3333-333333333333', 'SD-1', 'x');
            """);

        Assert.Equal(0, await Store().AddSampleAsync(Context, CancellationToken.None));
        Assert.Equal(1, await _database.ScalarAsync<long>("select count(*) from strategic_directives_v2"));
    }

    private SchemaStore Store() => new(ConnectionSource.Over(_database.DataSource), new ConnectionSettings());
}
