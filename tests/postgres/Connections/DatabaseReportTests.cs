using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Connections;

/// <summary>What Test-LeoDatabase tells.</summary>
public sealed class DatabaseReportTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    [PostgresFact]
    public async Task It_says_where_who_and_what_and_that_nothing_is_missing()
    {
        DatabaseReport report = await Database.Database.TestAsync(HandoffDatabase.Context, CancellationToken.None);
        Assert.Equal((Database.Settings.Host, Database.Settings.Port, Database.Name), (report.HostName, report.Port, report.Database));
        Assert.Equal((Database.Settings.UserName, Database.Settings.UserName), (report.UserName, report.Role));
        Assert.Equal(await Database.ScalarAsync<string>("select split_part(current_setting('server_version'), ' ', 1)"), report.ServerVersion);
        Assert.InRange(report.Latency, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(5));
        Assert.Equal((null, null, null), (report.Tls, report.Cipher, report.Certificate));
        Assert.Contains("exec_handoff_preparations: 21 columns, as the contract", report.SchemaShape, StringComparison.Ordinal);
        Assert.Contains("crewai_flow_executions: 18 columns, as the contract", report.SchemaShape, StringComparison.Ordinal);
        Assert.Empty(report.Missing);
        Assert.Empty(report.ReadFailures);
        Assert.True(report.Healthy);
    }

    [PostgresTheory]
    [InlineData("exec_handoff_preparations")]
    [InlineData("crewai_flow_executions")]
    [InlineData("strategic_directives_v2")]
    [InlineData("exec_implementation_sessions")]
    [InlineData("crewai_flows")]
    public async Task A_table_that_the_role_cannot_read_is_named_with_the_reason(string table)
    {
        await Database.RunAsync($"""
            do $$ begin if not exists (select from pg_roles where rolname = 'reads_some') then create role reads_some; end if; end $$;
            grant select on all tables in schema public to reads_some;
            revoke select on {table} from reads_some;
            grant select (id) on {table} to reads_some
            """);
        await using ILeoDatabase asRole = await Database.OpenAsync(s => s with { Role = "reads_some" });
        DatabaseReport report = await asRole.TestAsync(HandoffDatabase.Context, CancellationToken.None);
        Assert.Empty(report.Missing);
        Assert.False(report.Healthy);
        Assert.Contains(report.ReadFailures, f => f.StartsWith($"{table}: ", StringComparison.Ordinal) && f.Contains("reads_some", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_row_that_cannot_be_read_is_named()
    {
        await Database.RunAsync("update strategic_directives_v2 set updated_at = 'infinity'");
        DatabaseReport report = await Database.Database.TestAsync(HandoffDatabase.Context, CancellationToken.None);
        Assert.Contains("column updated_at", Assert.Single(report.ReadFailures), StringComparison.Ordinal);
        Assert.False(report.Healthy);
    }

    [PostgresTheory]
    [InlineData("alter table exec_handoff_preparations drop column demo_url", "exec_handoff_preparations.demo_url", "exec_handoff_preparations: 20 columns")]
    [InlineData("drop table crewai_flow_executions", "crewai_flow_executions", "crewai_flow_executions: missing")]
    [InlineData("drop table strategic_directives_v2 cascade", "strategic_directives_v2", "21 columns, as the contract")]
    public async Task It_names_what_is_missing(string ddl, string missing, string shape)
    {
        await Database.RunAsync(ddl);
        DatabaseReport report = await Database.Database.TestAsync(HandoffDatabase.Context, CancellationToken.None);
        Assert.Equal([missing], report.Missing);
        Assert.False(report.Healthy);
        Assert.Contains(shape, report.SchemaShape, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Columns_of_a_later_shape_are_counted_and_are_not_missing()
    {
        await Database.RunAsync("""
            alter table crewai_flow_executions add venture_id uuid, add prd_id uuid, add sd_id text, add budget_consumed numeric, add budget_limit numeric, add killed_by_budget bool
            """);
        DatabaseReport report = await Database.Database.TestAsync(HandoffDatabase.Context, CancellationToken.None);
        Assert.True(report.Healthy);
        Assert.Contains("crewai_flow_executions: 24 columns", report.SchemaShape, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task It_tells_the_login_role_from_the_role_in_force()
    {
        await using ILeoDatabase asRole = await Database.OpenAsync(s => s with { Role = "authenticated" });
        DatabaseReport report = await asRole.TestAsync(HandoffDatabase.Context, CancellationToken.None);
        Assert.Equal((Database.Settings.UserName, "authenticated"), (report.UserName, report.Role));
    }

    [PostgresFact]
    public async Task A_server_that_went_away_is_told()
    {
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase far = await Database.OpenAsync(s => s with { Host = "127.0.0.1", Port = proxy.Port, ConnectTimeout = TimeSpan.FromSeconds(2) });
        await proxy.DisposeAsync();
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => far.TestAsync(HandoffDatabase.Context, CancellationToken.None));
        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.Null(error.InnerException);
    }
}
