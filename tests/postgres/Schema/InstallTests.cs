using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Schema;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Schema;
using Npgsql;

namespace LeoPS.PostgresTests.Schema;

[Collection(PostgresServerGroup.Name)]
[Trait("Category", "Core")]
public sealed class InstallTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly CallContext Context = CallContext.For("Install-LeoSchema");
    private SchemaDatabase _database = null!;

    public async Task InitializeAsync() => _database = await SchemaDatabase.CreateAsync(server);

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [PostgresFact]
    public async Task An_installed_database_has_every_item_of_the_documents_and_no_other()
    {
        await InstallAsync();

        foreach (var document in SeedDocument.All)
        {
            var table = document.Table;
            Assert.Equal(
                document.Columns.Select(column => $"{column.Name}|{column.Type}|{column.Nullable}|{column.Default ?? "-"}|{column.Description ?? "-"}"),
                await _database.RowsAsync($"""
                    select a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull, pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum)
                    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                    where a.attrelid = 'public.{table}'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
                    """));
            // From PostgreSQL 18 on a column that is not null has a constraint, too; columns were compared above.
            Assert.Equal(
                Expected(document, SchemaItemKind.Constraint),
                await _database.RowsAsync($"""
                    select conname, replace(pg_get_constraintdef(oid), 'REFERENCES ', 'REFERENCES public.')
                    from pg_constraint where conrelid = 'public.{table}'::regclass and contype <> 'n' order by conname collate "C"
                    """));
            Assert.Equal(
                Expected(document, SchemaItemKind.Index),
                await _database.RowsAsync($"select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename = '{table}' order by indexname collate \"C\""));
            Assert.Equal(
                Expected(document, SchemaItemKind.Policy),
                await _database.RowsAsync($"""
                    select policyname, 'FOR ' || cmd || ' TO ' || array_to_string(roles, ', ')
                        || coalesce(' USING ' || replace(qual, 'true', '(true)'), '') || coalesce(' WITH CHECK ' || with_check, '')
                    from pg_policies where schemaname = 'public' and tablename = '{table}' and permissive = 'PERMISSIVE' order by policyname collate "C"
                    """));
            Assert.Equal(
                Expected(document, SchemaItemKind.Trigger).Select(trigger => trigger.Replace("public.calc", "calc", StringComparison.Ordinal).Replace("public.upd", "upd", StringComparison.Ordinal)),
                await _database.RowsAsync($"select tgname, pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'public.{table}'::regclass and not tgisinternal order by tgname collate \"C\""));
            Assert.True(await _database.ScalarAsync<bool>($"select relrowsecurity from pg_class where oid = 'public.{table}'::regclass"));
        }
    }

    [PostgresFact]
    public async Task A_second_installation_creates_nothing()
    {
        var first = await InstallAsync();
        var second = await InstallAsync();

        Assert.Contains("table public.exec_handoff_preparations", first.Created);
        Assert.Contains("index idx_flow_exec_recent on public.crewai_flow_executions", first.Created);
        Assert.Contains("grant of SELECT, INSERT, UPDATE, DELETE on TABLE public.exec_handoff_preparations to anon", first.Created);
        Assert.Empty(first.Warnings);
        Assert.Empty(second.Created);
        Assert.Empty(second.Warnings);
    }

    [PostgresFact]
    public async Task Two_installations_at_once_share_the_work_and_both_succeed()
    {
        var reports = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(InstallAsync)));

        Assert.Single(reports, report => report.Created.Contains("table public.crewai_flow_executions"));
        Assert.Equal(3, reports.Count(report => report.Created.Count == 0));
        await AssertOkAsync();
    }

    [PostgresFact]
    public async Task An_installation_that_waits_longer_than_the_lock_timeout_says_so()
    {
        await using var blocker = await _database.DataSource.OpenConnectionAsync();
        await using var transaction = await blocker.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"select pg_advisory_xact_lock({0x4C656F5053})", blocker, transaction);
        await command.ExecuteNonQueryAsync();

        var installation = Store().InstallAsync(Context with { LockTimeout = TimeSpan.FromSeconds(1.5) }, CancellationToken.None);
        List<string> waiting;
        do
        {
            waiting = await _database.RowsAsync("select application_name from pg_stat_activity where datname = current_database() and wait_event = 'advisory'");
        }
        while (waiting.Count == 0 && !installation.IsCompleted);
        var failure = await Assert.ThrowsAsync<LeoException>(() => installation);

        Assert.Matches(@"^LeoPS/\d+\.\d+\.\d+\S* Install-LeoSchema$", Assert.Single(waiting));
        Assert.Equal(LeoErrorId.RowLocked, failure.ErrorId);
        Assert.Contains("1.5 s", failure.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_table_with_rows_gets_what_it_lacks_and_keeps_what_it_has()
    {
        await InstallAsync();
        await Store().AddSampleAsync(Context, CancellationToken.None);
        await _database.RunAsync("""
            drop index idx_flow_exec_status;
            drop trigger flow_execution_counter on crewai_flow_executions;
            drop policy exec_handoff_preparations_select on exec_handoff_preparations;
            alter table exec_handoff_preparations drop column known_issues, drop constraint exec_handoff_preparations_handoff_status_check;
            alter table exec_handoff_preparations alter column prepared_at drop default, alter column created_at set default '2000-01-01';
            alter table exec_handoff_preparations add column venture_id uuid;
            """);
        var rows = await _database.RowsAsync("select md5(string_agg(h::text, '' order by id)) from (select id, sd_id, quality_metrics, created_at from exec_handoff_preparations) h");

        var report = await InstallAsync();

        Assert.Equal(
            ["column known_issues on public.exec_handoff_preparations",
             "default of public.exec_handoff_preparations.prepared_at",
             "constraint exec_handoff_preparations_handoff_status_check on public.exec_handoff_preparations",
             "policy exec_handoff_preparations_select on public.exec_handoff_preparations",
             "index idx_flow_exec_status on public.crewai_flow_executions",
             "trigger flow_execution_counter on public.crewai_flow_executions"],
            report.Created);
        Assert.Empty(report.Warnings);
        Assert.Equal(rows, await _database.RowsAsync("select md5(string_agg(h::text, '' order by id)) from (select id, sd_id, quality_metrics, created_at from exec_handoff_preparations) h"));
        var wrong = (await Store().CompareAsync(Context, CancellationToken.None)).Where(item => item.State != SchemaItemState.Ok);
        Assert.Equal(["Different created_at", "Extra venture_id"], wrong.Select(item => $"{item.State} {item.Name}").Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task What_the_rows_of_an_old_table_do_not_allow_is_told_and_the_rest_is_done()
    {
        await _database.RunAsync("""
            create table exec_handoff_preparations (id uuid, handoff_status text);
            insert into exec_handoff_preparations values (gen_random_uuid(), 'lost');
            """);

        var report = await InstallAsync();

        Assert.Contains(report.Warnings, warning => warning.Contains("exec_handoff_preparations_handoff_status_check", StringComparison.Ordinal) && warning.Contains("violated", StringComparison.Ordinal));
        Assert.Contains(report.Warnings, warning => warning.Contains("column session_id", StringComparison.Ordinal) && warning.Contains("null values", StringComparison.Ordinal));
        Assert.Contains(report.Warnings, warning => warning.StartsWith("Row level security is off on public.exec_handoff_preparations", StringComparison.Ordinal));
        Assert.Contains(report.Warnings, warning => warning.Contains("to anon was left out", StringComparison.Ordinal));
        Assert.DoesNotContain(report.Created, created => created.EndsWith("public.exec_handoff_preparations to anon", StringComparison.Ordinal));
        Assert.Contains("column quality_metrics on public.exec_handoff_preparations", report.Created);
        Assert.Contains("constraint exec_handoff_preparations_pkey on public.exec_handoff_preparations", report.Created);
        Assert.Contains("table public.crewai_flow_executions", report.Created);
        Assert.Equal(["lost"], await _database.RowsAsync("select handoff_status from exec_handoff_preparations"));
        Assert.False(await _database.ScalarAsync<bool>("select has_table_privilege('anon', 'exec_handoff_preparations', 'select')"));
    }

    [PostgresFact]
    public async Task A_table_that_ours_refer_to_is_left_as_it_is()
    {
        await _database.RunAsync("create table crewai_flows (id uuid primary key, flow_key text)");

        var report = await InstallAsync();

        Assert.Contains(report.Warnings, warning => warning.Contains("public.crewai_flows was there already", StringComparison.Ordinal) && warning.Contains("execution_count", StringComparison.Ordinal));
        Assert.Equal(["id", "flow_key"], await _database.RowsAsync("select attname from pg_attribute where attrelid = 'crewai_flows'::regclass and attnum > 0 order by attnum"));
        await AssertOkAsync();
    }

    [PostgresFact]
    public async Task A_reference_that_cannot_be_made_is_a_warning()
    {
        await _database.RunAsync("create table strategic_directives_v2 (id uuid primary key)");

        var report = await InstallAsync();

        Assert.Contains(report.Warnings, warning => warning.Contains("exec_handoff_preparations_sd_id_fkey", StringComparison.Ordinal) && warning.Contains("cannot be implemented", StringComparison.Ordinal));
        Assert.Contains("table public.exec_handoff_preparations", report.Created);
    }

    [PostgresFact]
    public async Task A_view_of_the_same_name_is_left_alone()
    {
        await _database.RunAsync("create view exec_handoff_preparations as select 1 as id");

        var report = await InstallAsync();

        Assert.Contains(report.Warnings, warning => warning.StartsWith("public.exec_handoff_preparations is a view", StringComparison.Ordinal));
        Assert.Contains("table public.crewai_flow_executions", report.Created);
        var item = (await Store().CompareAsync(Context, CancellationToken.None)).First(item => item.Kind == SchemaItemKind.Table);
        Assert.Equal((SchemaItemState.Different, "a view"), (item.State, item.Actual));
    }

    [PostgresFact]
    public async Task Auth_uid_that_is_there_already_is_kept()
    {
        await _database.RunAsync("create schema auth; create function auth.uid() returns uuid language sql stable as $$ select '00000000-0000-0000-0000-000000000007'::uuid $$");

        var report = await InstallAsync();

        Assert.DoesNotContain("schema auth", report.Created);
        Assert.DoesNotContain("function auth.uid()", report.Created);
        Assert.Equal("00000000-0000-0000-0000-000000000007", await _database.ScalarAsync<string>("select auth.uid()::text"));
    }

    [PostgresFact]
    public async Task A_read_only_connection_is_refused_before_and_by_the_server()
    {
        var asked = await Assert.ThrowsAsync<LeoException>(() =>
            new SchemaStore(ConnectionSource.Over(_database.DataSource), new ConnectionSettings { ReadOnly = true }).InstallAsync(Context, CancellationToken.None));
        Assert.Equal(LeoErrorId.ReadOnlyConnection, asked.ErrorId);

        var builder = new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Options = "-c default_transaction_read_only=on" };
        await using var dataSource = NpgsqlDataSource.Create(builder.ConnectionString);
        var told = await Assert.ThrowsAsync<LeoException>(() => new SchemaStore(ConnectionSource.Over(dataSource), new ConnectionSettings()).InstallAsync(Context, CancellationToken.None));
        Assert.Equal((LeoErrorId.ReadOnlyConnection, "25006"), (told.ErrorId, told.SqlState));
        Assert.Contains("default_transaction_read_only=on in the options of the connection", told.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_cancelled_installation_leaves_nothing()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store().InstallAsync(Context, source.Token));

        Assert.Equal(0, await _database.ScalarAsync<long>("select count(*) from pg_tables where schemaname = 'public'"));
    }

    [PostgresFact]
    public async Task The_log_gets_one_line()
    {
        var lines = new List<string>();

        await Store().InstallAsync(Context with { Log = lines.Add }, CancellationToken.None);

        Assert.Contains("round trips", Assert.Single(lines), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Expected(SeedDocument document, SchemaItemKind kind) =>
        document.Definitions.Where(item => item.Kind == kind).OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => $"{item.Name}|{item.Text}");

    private SchemaStore Store() => new(ConnectionSource.Over(_database.DataSource), new ConnectionSettings());

    private Task<SchemaInstallReport> InstallAsync() => Store().InstallAsync(Context, CancellationToken.None);

    private async Task AssertOkAsync() =>
        AssertEach.Of(await Store().CompareAsync(Context, CancellationToken.None), item => Assert.Equal(SchemaItemState.Ok, item.State));
}
