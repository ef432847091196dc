using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Schema;

namespace LeoPS.PostgresTests.History;

/// <summary>What Install-LeoSchema -WithHistory makes, where, and where not.</summary>
[Trait("Category", "Core")]
public sealed class HistoryInstallTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private static readonly CallContext Context = CallContext.For("Install-LeoSchema");

    [PostgresFact]
    public async Task A_second_installation_creates_nothing()
    {
        SchemaInstallReport first = await InstallAsync();
        SchemaInstallReport second = await InstallAsync();

        Assert.Contains("schema leops", first.Created);
        Assert.Contains("table leops.handoff_history", first.Created);
        Assert.Contains("policy visible_rows on leops.execution_history", first.Created);
        Assert.Contains("trigger leops_history_update on public.exec_handoff_preparations", first.Created);
        Assert.Equal(first.Created.Distinct(), first.Created);
        Assert.Empty(first.Warnings);
        Assert.Empty(second.Created);
        Assert.Empty(second.Warnings);
    }

    [PostgresFact]
    public async Task Installed_without_the_switch_there_is_no_history()
    {
        SchemaInstallReport report = await Database.Database.Schema.InstallAsync(Context, CancellationToken.None);

        Assert.Empty(report.Created);
        Assert.False(await Database.ScalarAsync<bool>("select exists (select from pg_namespace where nspname = 'leops')"));
    }

    [PostgresFact]
    public async Task Two_installations_at_once_share_the_work()
    {
        SchemaInstallReport[] reports = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(InstallAsync)));

        Assert.Single(reports, r => r.Created.Contains("table leops.handoff_history"));
        Assert.Equal(3, reports.Count(r => r.Created.Count == 0));
    }

    [PostgresFact]
    public async Task The_comparison_has_the_triggers_of_the_history_as_Ok()
    {
        await InstallAsync();

        IReadOnlyList<SchemaItem> items = await Database.Database.Schema.CompareAsync(Context, CancellationToken.None);

        AssertEach.Of(items, item => Assert.Equal(SchemaItemState.Ok, item.State));
        Assert.Equal(8, items.Count(item => item.Name.StartsWith("leops_history_", StringComparison.Ordinal)));
    }

    [PostgresFact]
    public async Task Beside_a_view_the_other_table_has_its_history()
    {
        await Database.RunAsync("drop table crewai_flow_executions; create view crewai_flow_executions as select 1 as id");

        SchemaInstallReport report = await InstallAsync();

        Assert.Contains(report.Warnings, w => w.Contains("No history of public.crewai_flow_executions is kept: it is not a table", StringComparison.Ordinal));
        Assert.Contains("table leops.handoff_history", report.Created);
        Assert.DoesNotContain("table leops.execution_history", report.Created);
        LeoException error = await Assert.ThrowsAsync<LeoException>(async () =>
        {
            await foreach (var _ in Database.Database.ExecutionHistory.ReadAsync(new(), Context, CancellationToken.None))
            {
                Assert.Fail("There is nothing to read.");
            }
        });
        Assert.Equal(LeoErrorId.HistoryMissing, error.ErrorId);
        Assert.Contains("Install-LeoSchema -WithHistory", error.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData("alter table exec_handoff_preparations alter column id drop default, alter column id type text", "its id is of type text, not uuid")]
    [InlineData("alter table exec_handoff_preparations drop column sd_id cascade; create view v as select 1", null)]
    public async Task A_table_of_another_shape_has_a_history_only_where_that_can_be_written(string change, string? hindrance)
    {
        await Database.RunAsync(change);

        SchemaInstallReport report = await InstallAsync();

        Assert.Equal(hindrance is null, report.Created.Contains("table leops.handoff_history"));
        Assert.Equal(hindrance is not null, report.Warnings.Any(w => w.Contains($"No history of public.exec_handoff_preparations is kept: {hindrance}", StringComparison.Ordinal)));
        await Database.RunAsync("update exec_handoff_preparations set handoff_status = 'sent'");
    }

    [PostgresFact]
    public async Task A_table_that_is_dropped_keeps_nothing_from_being_dropped_and_its_history_stays()
    {
        await InstallAsync();
        await Database.RunAsync("""
            insert into crewai_flows (id, flow_key, flow_name, flow_definition) values (gen_random_uuid(), 'f', 'F', '{}');
            insert into crewai_flow_executions (flow_id, execution_key) select id, 'GONE' from crewai_flows;
            drop table crewai_flow_executions;
            """);
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(*) from leops.execution_history"));
        await Database.InsertAsync(1);
        await Database.RunAsync("update exec_handoff_preparations set handoff_status = 'sent'");
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(*) from leops.handoff_history"));

        SchemaInstallReport report = await InstallAsync();

        Assert.Contains("table public.crewai_flow_executions", report.Created);
        Assert.Contains("trigger leops_history_insert on public.crewai_flow_executions", report.Created);
        Assert.DoesNotContain("table leops.execution_history", report.Created);
        await Database.RunAsync("insert into crewai_flow_executions (flow_id, execution_key) select id, 'NEW' from crewai_flows");
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from leops.execution_history"));
    }

    [PostgresFact]
    public async Task A_function_of_another_version_is_renewed_and_stays_for_the_owner_alone()
    {
        await InstallAsync();
        await Database.RunAsync("create or replace function leops.record_handoff_history() returns trigger language plpgsql as $$ begin return null; end $$");

        SchemaInstallReport report = await InstallAsync();

        Assert.Equal(["function leops.record_handoff_history(), renewed"], report.Created);
        Assert.False(await Database.ScalarAsync<bool>("select has_function_privilege('authenticated', 'leops.record_handoff_history()', 'execute')"));
        await Database.InsertAsync(1);
        await Database.RunAsync("update exec_handoff_preparations set handoff_status = 'sent'");
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(*) from leops.handoff_history"));
    }

    [PostgresFact]
    public async Task What_somebody_made_otherwise_is_left_as_it_is()
    {
        await InstallAsync();
        await Database.RunAsync("""
            drop policy visible_rows on leops.handoff_history; create policy visible_rows on leops.handoff_history for select to public using (false);
            alter table exec_handoff_preparations disable trigger leops_history_insert;
            drop index leops.handoff_history_changed_at;
            """);

        Assert.Equal(["index handoff_history_changed_at on leops.handoff_history"], (await InstallAsync()).Created);

        Assert.Equal("false", await Database.ScalarAsync<string>("select qual from pg_policies where schemaname = 'leops' and tablename = 'handoff_history' and policyname = 'visible_rows'"));
        Assert.Equal("D", await Database.ScalarAsync<string>("select tgenabled::text from pg_trigger where tgname = 'leops_history_insert' and tgrelid = 'exec_handoff_preparations'::regclass"));
    }

    [PostgresTheory]
    [InlineData("alter table exec_handoff_preparations owner to {0}; alter table crewai_flow_executions owner to {0}", "permission denied for database")]
    [InlineData("create schema leops; grant all on schema leops to {0}", "which {0} is not")]
    public async Task One_who_may_not_is_Forbidden_and_nothing_is_left(string grant, string why)
    {
        string role = $"installer_{Database.Name}";
        await Database.RunAsync($"create role {role} login password '{HandoffDatabase.LoginPassword}'; grant usage on schema auth to {role}; {string.Format(grant, role)}");
        await using ILeoDatabase database = await Database.OpenAsync(s => s with { UserName = role, Password = HandoffDatabase.LoginPassword });

        LeoException error = await Assert.ThrowsAsync<LeoException>(() => database.Schema.InstallWithHistoryAsync(Context, CancellationToken.None));

        Assert.Equal(LeoErrorId.Forbidden, error.ErrorId);
        Assert.Contains("Nothing was changed", error.Message, StringComparison.Ordinal);
        Assert.Contains(string.Format(why, role), error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from pg_class where relnamespace = to_regnamespace('leops')"));
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from pg_trigger where tgname like 'leops%'"));
    }

    [PostgresFact]
    public async Task The_owner_who_is_no_superuser_can_have_it_recorded()
    {
        string role = $"owner_{Database.Name}";
        await Database.RunAsync($"""
            create role {role} login password '{HandoffDatabase.LoginPassword}';
            grant usage on schema auth to {role};
            do $$ begin execute format('grant create on database %I to {role}', current_database()); end $$;
            alter table exec_handoff_preparations owner to {role}; alter table crewai_flow_executions owner to {role};
            """);
        await using ILeoDatabase database = await Database.OpenAsync(s => s with { UserName = role, Password = HandoffDatabase.LoginPassword });

        await database.Schema.InstallWithHistoryAsync(Context, CancellationToken.None);

        await Database.InsertAsync(1);
        await Database.RunAsync("set role service_role; update exec_handoff_preparations set handoff_status = 'sent'; reset role; truncate exec_handoff_preparations");
        Assert.Equal(["sent", ""], await Database.ColumnAsync<string>("select coalesce(to_status, '') from leops.handoff_history order by id"));
    }

    private Task<SchemaInstallReport> InstallAsync() => Database.Database.Schema.InstallWithHistoryAsync(Context, CancellationToken.None);
}
