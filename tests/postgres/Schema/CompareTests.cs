using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Schema;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Schema;

namespace LeoPS.PostgresTests.Schema;

[Collection(PostgresServerGroup.Name)]
[Trait("Category", "Core")]
public sealed class CompareTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly CallContext Context = CallContext.For("Test-LeoSchema");
    private SchemaDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _database = await SchemaDatabase.CreateAsync(server);
        await Store().InstallAsync(Context, CancellationToken.None);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [PostgresFact]
    public async Task An_installed_database_is_Ok_in_every_item()
    {
        var items = await Store().CompareAsync(Context, CancellationToken.None);

        Assert.Equal(SeedDocument.All.Sum(document => document.Definitions.Count), items.Count);
        AssertEach.Of(items, item => Assert.Equal((SchemaItemState.Ok, item.Expected), (item.State, item.Actual)));
    }

    [PostgresTheory]
    [InlineData("drop index idx_flow_exec_recent", "Index idx_flow_exec_recent Missing")]
    [InlineData("drop index idx_flow_exec_recent; create index idx_flow_exec_recent on crewai_flow_executions (flow_id, started_at)", "Index idx_flow_exec_recent Different")]
    [InlineData("create index extra on crewai_flow_executions (duration_ms)", "Index extra Extra")]
    [InlineData("alter table crewai_flow_executions alter column execution_mode set default 'triggered'", "Default execution_mode Different")]
    [InlineData("alter table crewai_flow_executions alter column execution_mode drop default", "Default execution_mode Missing")]
    [InlineData("alter table crewai_flow_executions alter column token_count set default 0", "Default token_count Extra")]
    [InlineData("alter table crewai_flow_executions alter column cost_usd type numeric(12,4)", "Column cost_usd Different")]
    [InlineData("alter table crewai_flow_executions alter column status set not null", "Column status Different")]
    [InlineData("alter table exec_handoff_preparations drop column demo_url", "Column demo_url Missing")]
    [InlineData("alter table exec_handoff_preparations add column venture_id uuid", "Column venture_id Extra")]
    [InlineData("alter table exec_handoff_preparations drop constraint exec_handoff_preparations_handoff_status_check", "Constraint exec_handoff_preparations_handoff_status_check Missing")]
    [InlineData("alter table exec_handoff_preparations add check (length(sd_id) > 0)", "Constraint exec_handoff_preparations_sd_id_check Extra")]
    [InlineData("alter table crewai_flow_executions drop constraint crewai_flow_executions_flow_id_fkey; alter table crewai_flow_executions add constraint crewai_flow_executions_flow_id_fkey foreign key (flow_id) references crewai_flows (id)", "Constraint crewai_flow_executions_flow_id_fkey Different")]
    [InlineData("alter table crewai_flow_executions drop constraint crewai_flow_executions_status_check; alter table crewai_flow_executions add constraint crewai_flow_executions_status_check check (status in ('pending', 'running'))", "Constraint crewai_flow_executions_status_check Different")]
    [InlineData("drop policy executions_create on crewai_flow_executions", "Policy executions_create Missing")]
    [InlineData("alter policy executions_read_own on crewai_flow_executions using (true)", "Policy executions_read_own Different")]
    [InlineData("alter policy exec_handoff_preparations_select on exec_handoff_preparations to public", "Policy exec_handoff_preparations_select Different")]
    [InlineData("create policy open on exec_handoff_preparations for update to authenticated using (true)", "Policy open Extra")]
    [InlineData("drop trigger flow_execution_counter on crewai_flow_executions", "Trigger flow_execution_counter Missing")]
    [InlineData("alter table crewai_flow_executions disable trigger flow_execution_counter", "Trigger flow_execution_counter Different")]
    [InlineData("drop trigger execution_duration_calculator on crewai_flow_executions; create trigger execution_duration_calculator before update on crewai_flow_executions for each row execute function calculate_execution_duration()", "Trigger execution_duration_calculator Different")]
    [InlineData("create trigger stamp before update on crewai_flow_executions for each row execute function suppress_redundant_updates_trigger()", "Trigger stamp Extra")]
    [InlineData("alter table exec_handoff_preparations disable row level security", "Table exec_handoff_preparations Different")]
    public async Task A_change_of_the_database_shows_as_that_item_and_no_other(string change, string finding)
    {
        await _database.RunAsync(change);

        var wrong = (await Store().CompareAsync(Context, CancellationToken.None)).Where(item => item.State != SchemaItemState.Ok).ToList();

        Assert.Equal([finding], wrong.Select(item => $"{item.Kind} {item.Name} {item.State}"));
        AssertEach.Of(wrong, item => Assert.Equal(item.State != SchemaItemState.Extra, item.Expected is not null));
        AssertEach.Of(wrong, item => Assert.Equal(item.State != SchemaItemState.Missing, item.Actual is not null));
    }

    [PostgresFact]
    public async Task Of_a_missing_table_every_item_is_missing()
    {
        await _database.RunAsync("drop table crewai_flow_executions");

        var items = (await Store().CompareAsync(Context, CancellationToken.None)).ToLookup(item => item.Table);

        AssertEach.Of(items["crewai_flow_executions"], item => Assert.Equal(SchemaItemState.Missing, item.State));
        Assert.Equal(SeedDocument.All[1].Definitions.Count, items["crewai_flow_executions"].Count());
        AssertEach.Of(items["exec_handoff_preparations"], item => Assert.Equal(SchemaItemState.Ok, item.State));
    }

    [PostgresFact]
    public async Task A_check_that_went_through_dump_and_restore_is_still_Ok()
    {
        await _database.RunAsync("""
            alter table crewai_flow_executions drop constraint crewai_flow_executions_execution_mode_check;
            alter table crewai_flow_executions add constraint crewai_flow_executions_execution_mode_check
                CHECK (((execution_mode)::text = ANY (ARRAY[('manual'::character varying)::text, ('scheduled'::character varying)::text, ('triggered'::character varying)::text])));
            """);

        var items = await Store().CompareAsync(Context, CancellationToken.None);

        var check = items.Single(item => item.Name == "crewai_flow_executions_execution_mode_check");
        Assert.NotEqual(check.Expected, check.Actual);
        Assert.Equal(SchemaItemState.Ok, check.State);
    }

    [PostgresFact]
    public async Task Triggers_of_the_history_are_Ok()
    {
        await _database.RunAsync("""
            create schema leops;
            create function leops.record() returns trigger language plpgsql as $$ begin return null; end $$;
            create trigger leops_history after update on exec_handoff_preparations for each row execute function leops.record();
            """);

        var item = (await Store().CompareAsync(Context, CancellationToken.None)).Single(item => item.Name == "leops_history");

        Assert.Equal((SchemaItemState.Ok, item.Actual), (item.State, item.Expected));
    }

    [PostgresFact]
    public async Task Under_another_role_and_search_path_the_comparison_is_the_same()
    {
        var builder = new Npgsql.NpgsqlConnectionStringBuilder(_database.ConnectionString) { SearchPath = "auth, public", Options = "-c default_transaction_read_only=on" };
        await using var dataSource = Npgsql.NpgsqlDataSource.Create(builder.ConnectionString);

        var items = await new SchemaStore(ConnectionSource.Over(dataSource), new ConnectionSettings { Role = "anon", ReadOnly = true }).CompareAsync(Context, CancellationToken.None);

        AssertEach.Of(items, item => Assert.Equal(SchemaItemState.Ok, item.State));
    }

    private SchemaStore Store() => new(ConnectionSource.Over(_database.DataSource), new ConnectionSettings());
}
