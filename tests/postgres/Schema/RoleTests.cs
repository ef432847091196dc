using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Schema;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Schema;
using Npgsql;

namespace LeoPS.PostgresTests.Schema;

/// <summary>Installations on a server of their own (roles belong to a whole server) that has none of Supabase's roles, by users who may do more or less.</summary>
[Trait("Category", "Core")]
public sealed class RoleTests(PostgresServer server) : IClassFixture<PostgresServer>, IAsyncLifetime
{
    private static readonly CallContext Context = CallContext.For("Install-LeoSchema");
    private const string Password = "of this test alone";
    private SchemaDatabase _database = null!;

    public async Task InitializeAsync()
    {
        await ForgetRolesAsync();
        _database = await SchemaDatabase.CreateAsync(server);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await ForgetRolesAsync();
    }

    [PostgresFact]
    public async Task An_owner_without_createrole_gets_the_tables_and_warnings_and_a_superuser_completes_them()
    {
        await _database.RunAsync($"create role plain login password '{Password}'; do $$ begin execute format('alter database %I owner to plain', current_database()); end $$");

        var report = await InstallAsAsync("plain");

        Assert.Equal(
            ["Role anon", "Role authenticated", "Role service_role"],
            report.Warnings.Where(warning => warning.StartsWith("Role ", StringComparison.Ordinal)).Select(warning => string.Join(' ', warning.Split(' ')[..2])));
        Assert.Equal(6, report.Warnings.Count(warning => warning.StartsWith("The policy ", StringComparison.Ordinal)));
        Assert.Contains("table public.exec_handoff_preparations", report.Created);
        Assert.DoesNotContain(report.Created, created => created.StartsWith("grant", StringComparison.Ordinal));
        Assert.Equal(
            ["exec_handoff_preparations_all", "exec_handoff_preparations_select"],
            (await CompareAsync()).Where(item => item.State != SchemaItemState.Ok).Select(item => item.Name).Order(StringComparer.Ordinal));
        Assert.Empty((await InstallAsAsync("plain")).Created);

        var completed = await InstallAsAsync(null);

        Assert.Empty(completed.Warnings);
        Assert.Contains("role service_role", completed.Created);
        Assert.Contains("grant of SELECT, INSERT, UPDATE, DELETE on TABLE public.crewai_flows to anon", completed.Created);
        AssertEach.Of(await CompareAsync(), item => Assert.Equal(SchemaItemState.Ok, item.State));
        Assert.Equal(
            ["anon|False|False", "authenticated|False|False", "service_role|False|True"],
            await _database.RowsAsync("select rolname, rolcanlogin, rolbypassrls from pg_roles where rolname in ('anon', 'authenticated', 'service_role') order by 1"));
    }

    [PostgresFact]
    public async Task One_with_createrole_makes_what_it_may()
    {
        await _database.RunAsync($"create role plain login createrole password '{Password}'; do $$ begin execute format('alter database %I owner to plain', current_database()); end $$");

        var report = await InstallAsAsync("plain");

        Assert.Contains("role authenticated", report.Created);
        Assert.Contains("policy exec_handoff_preparations_select on public.exec_handoff_preparations", report.Created);
        // BYPASSRLS is a superuser's to give; from PostgreSQL 16 on, also a role's that has it.
        Assert.Single(report.Warnings, warning => warning.StartsWith("Role service_role", StringComparison.Ordinal));
    }

    [PostgresFact(since: 16)]
    public async Task One_with_createrole_and_bypassrls_makes_all_roles()
    {
        await _database.RunAsync(
            $"create role plain login createrole bypassrls password '{Password}'; " +
            "do $$ begin execute format('alter database %I owner to plain', current_database()); end $$");

        var report = await InstallAsAsync("plain");

        Assert.Contains("role service_role", report.Created);
        Assert.DoesNotContain(report.Warnings, warning => warning.StartsWith("Role ", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task One_who_may_not_create_is_Forbidden_and_nothing_is_left()
    {
        await _database.RunAsync($"create role plain login password '{Password}'");

        var failure = await Assert.ThrowsAsync<LeoException>(() => InstallAsAsync("plain"));

        Assert.Equal((LeoErrorId.Forbidden, "42501"), (failure.ErrorId, failure.SqlState));
        Assert.Contains("Role plain may not install the schema: permission denied for", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, await _database.ScalarAsync<long>("select count(*) from pg_class where relnamespace = 'public'::regnamespace"));
    }

    [PostgresFact]
    public async Task The_role_of_the_settings_is_the_one_that_installs()
    {
        await _database.RunAsync("create role plain; do $$ begin execute format('alter database %I owner to plain', current_database()); end $$");

        await new SchemaStore(ConnectionSource.Over(_database.DataSource), new ConnectionSettings { Role = "plain" }).InstallAsync(Context, CancellationToken.None);

        Assert.Equal(["plain"], await _database.RowsAsync("select distinct tableowner from pg_tables where schemaname = 'public'"));
    }

    [PostgresFact]
    public async Task One_who_may_read_only_someone_elses_tables_is_Forbidden_to_complete_them()
    {
        await InstallAsAsync(null);
        await _database.RunAsync($"create role plain login password '{Password}'; grant create on schema public to plain; drop index idx_flow_exec_status");

        var failure = await Assert.ThrowsAsync<LeoException>(() => InstallAsAsync("plain"));

        Assert.Equal(LeoErrorId.Forbidden, failure.ErrorId);
        Assert.Contains("must be owner of table crewai_flow_executions", failure.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Installations_in_two_databases_at_once_agree_about_the_roles()
    {
        await using var other = await SchemaDatabase.CreateAsync(server);

        var reports = await Task.WhenAll(
            Task.Run(() => InstallAsAsync(null)),
            Task.Run(() => new SchemaStore(ConnectionSource.Over(other.DataSource), new ConnectionSettings()).InstallAsync(Context, CancellationToken.None)));

        AssertEach.Of(reports, report => Assert.Empty(report.Warnings));
        Assert.Single(reports, report => report.Created.Contains("role anon"));
        AssertEach.Of(reports, report => Assert.Contains("policy exec_handoff_preparations_all on public.exec_handoff_preparations", report.Created));
    }

    [PostgresFact]
    public async Task The_history_is_made_without_the_roles_and_a_superuser_completes_it()
    {
        await _database.RunAsync($"create role plain login password '{Password}'; do $$ begin execute format('alter database %I owner to plain', current_database()); end $$");

        var report = await InstallAsAsync("plain", withHistory: true);

        Assert.Contains("table leops.handoff_history", report.Created);
        Assert.Equal(2, report.Warnings.Count(warning => warning.StartsWith("The policy all_rows on leops.", StringComparison.Ordinal)));
        Assert.Empty((await InstallAsAsync("plain", withHistory: true)).Created);

        var completed = await InstallAsAsync(null, withHistory: true);

        Assert.Empty(completed.Warnings);
        Assert.Contains("policy all_rows on leops.execution_history", completed.Created);
    }

    private async Task<SchemaInstallReport> InstallAsAsync(string? user, bool withHistory = false)
    {
        var builder = new NpgsqlConnectionStringBuilder(_database.ConnectionString);
        if (user is not null)
        {
            (builder.Username, builder.Password) = (user, Password);
        }

        await using var dataSource = NpgsqlDataSource.Create(builder.ConnectionString);
        var store = new SchemaStore(ConnectionSource.Over(dataSource), new ConnectionSettings());
        return await (withHistory ? store.InstallWithHistoryAsync(Context, CancellationToken.None) : store.InstallAsync(Context, CancellationToken.None));
    }

    private Task<IReadOnlyList<SchemaItem>> CompareAsync() =>
        new SchemaStore(ConnectionSource.Over(_database.DataSource), new ConnectionSettings()).CompareAsync(Context, CancellationToken.None);

    private async Task ForgetRolesAsync()
    {
        await using var dataSource = NpgsqlDataSource.Create(server.ConnectionStringFor("postgres"));
        await using var command = dataSource.CreateCommand("drop role if exists anon, authenticated, service_role, plain");
        await command.ExecuteNonQueryAsync();
    }
}
