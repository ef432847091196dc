using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Directives;

/// <summary>Edits of strategic directives, named by id, key or object.</summary>
public sealed class DirectiveEditTests(PostgresServer server) : DirectiveDatabaseTest(server)
{
    /// <summary>The traits of the dashboard's own table.</summary>
    private const string Dashboard = """
        alter table strategic_directives_v2
            add column current_phase text default 'LEAD' check (current_phase in ('LEAD', 'PLAN', 'EXEC')),
            add column progress integer default 0 check (progress between 0 and 100),
            add column progress_percentage integer default 0,
            add column completion_date timestamptz,
            add column "is working on" boolean default false,
            add column metadata jsonb default '{}',
            alter column updated_at type timestamp using updated_at at time zone 'UTC',
            add constraint known_priority check (priority in ('critical', 'high', 'medium', 'low'))
        """;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await AddAsync("SD-1", "KEY-1");
    }

    [PostgresTheory]
    [InlineData("SD-1")]
    [InlineData("KEY-1")]
    public async Task The_columns_that_are_given_are_written_and_no_others(string name)
    {
        string before = await OthersAsync();
        StrategicDirective now = Made(Assert.Single(await EditAsync(Edit(name, [("-Title", "New"), ("-Status", "draft"), ("-Priority", "low")]))));
        Assert.Equal(("SD-1", "KEY-1", "New", "draft", "low", "c"), (now.Id, now.SdKey, now.Title, now.Status, now.Priority, now.Category));
        Assert.Equal(before, await OthersAsync());
        Assert.True(await Database.ScalarAsync<bool>("select updated_at > now() - interval '1 minute' from strategic_directives_v2 where id = 'SD-1'"));
        StrategicDirective read = Assert.Single(await ReadAsync(Named("SD-1")));
        Assert.Equal(DirectiveJson.Line(read), DirectiveJson.Line(now));
    }

    [PostgresFact]
    public async Task Phase_progress_and_further_columns_are_written_where_the_table_has_them()
    {
        await Database.RunAsync(Dashboard);
        StrategicDirective known = Assert.Single(await ReadAsync(Named("SD-1")));
        StrategicDirective now = Made(Assert.Single(await EditAsync(
            Edit(known, [("-Phase", "EXEC"), ("-Progress", "55"), ("-Status", "completed")], """{"is working on": true, "metadata": {"a": [1, 2.50]}}"""))));
        Assert.Equal("completed", now.Status);
        Assert.Equal(
            """EXEC|55|55|true|{"a": [1, 2.50]}|true""",
            await Database.ScalarAsync<string>("""
                select concat_ws('|', current_phase, progress, progress_percentage, "is working on"::text, metadata::text,
                                 (abs(extract(epoch from updated_at - (now() at time zone 'UTC'))) < 60 and completion_date > now() - interval '1 minute')::text)
                from strategic_directives_v2 where id = 'SD-1'
                """));
        // It was completed already: its date stays.
        await Database.RunAsync("update strategic_directives_v2 set completion_date = '2020-01-01Z' where id = 'SD-1'");
        Made(Assert.Single(await EditAsync(Edit("SD-1", [("-Status", "completed")]))));
        Assert.True(await Database.ScalarAsync<bool>("select completion_date = '2020-01-01Z' from strategic_directives_v2 where id = 'SD-1'"));
        Made(Assert.Single(await EditAsync(Edit("SD-1", [("-Status", "completed")], """{"completion_date": "2021-02-03T00:00:00Z"}"""))));
        Assert.True(await Database.ScalarAsync<bool>("select completion_date = '2021-02-03Z' from strategic_directives_v2 where id = 'SD-1'"));
    }

    [PostgresTheory]
    [InlineData("-Phase", "EXEC", "no column current_phase or phase, which -Phase writes")]
    [InlineData("-Progress", "5", "no column progress or progress_percentage, which -Progress writes")]
    public async Task A_table_without_a_column_says_so_by_column_and_parameter(string parameter, string value, string says)
    {
        RowEdit<string> edit = Edit("SD-1", [(parameter, value)]);
        Failed(Assert.Single(await EditAsync(edit)), LeoErrorId.ValueOutOfRange, says);
        Assert.Contains(says, (await Directives.FindFaultAsync(edit, HandoffDatabase.Context, CancellationToken.None))!.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task What_stands_in_the_way_of_one_fails_it_alone_in_input_order()
    {
        await Database.RunAsync(Dashboard);
        await AddAsync("SD-2", "KEY-2");
        await AddAsync("SD-3", "KEY-3");
        await AddAsync("SD-4", "KEY-4");
        List<StrategicDirective> known = await ReadAsync(Named("SD-1", "SD-2", "SD-3", "SD-4"));
        await Database.RunAsync("update strategic_directives_v2 set title = 'theirs' where id = 'SD-2'");
        await using NpgsqlConnection holder = await Database.ConnectAsync();
        await using var hold = new NpgsqlCommand("begin; select from strategic_directives_v2 where id = 'SD-3' for update", holder);
        await hold.ExecuteNonQueryAsync();
        RowEdit<string>[] edits =
        [
            Edit(known.Single(k => k.Id == "SD-1"), [("-Priority", "low")]),
            Edit(known.Single(k => k.Id == "SD-2"), [("-Priority", "low")]),
            Edit(known.Single(k => k.Id == "SD-3"), [("-Priority", "low")]),
            Edit("no such", [("-Priority", "low")]),
            Edit(known.Single(k => k.Id == "SD-4"), [("-Priority", "urgent")]),
            Edit("KEY-1", [("-Priority", "high")]),
            Edit("KEY-4", [], """{"no_such": 1}"""),
        ];
        CallContext impatient = HandoffDatabase.Context with { LockTimeout = TimeSpan.FromMilliseconds(200) };
        IReadOnlyList<ChangeOutcome<StrategicDirective>> outcomes = await Directives.EditAsync(edits, Bulk.Each, impatient, CancellationToken.None).OutcomesAsync();
        Assert.Equal(
            ["Changed", "EditConflict", "RowLocked", "NotFound", "ValueOutOfRange", "StatusConflict", "ValueOutOfRange"],
            outcomes.Select(o => o.Error?.ErrorId.ToString() ?? o.Kind.ToString()));
        Assert.Contains("known_priority", outcomes[4].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("came earlier", outcomes[5].Error!.Message, StringComparison.Ordinal);
        Assert.Equal("low", await Database.ScalarAsync<string>("select priority from strategic_directives_v2 where id = 'SD-1'"));
    }

    [PostgresFact]
    public async Task An_id_wins_over_another_directives_key()
    {
        await AddAsync("other", "SD-1");
        Assert.Equal("SD-1", Made(Assert.Single(await EditAsync(Edit("SD-1", [("-Title", "x")])))).Id);
        Assert.Equal("Title of SD-1", await Database.ScalarAsync<string>("select title from strategic_directives_v2 where id = 'other'"));
    }

    [PostgresFact]
    public async Task A_trigger_that_refuses_or_changes_a_row_is_heard()
    {
        await AddAsync("SD-2", "KEY-2");
        await Database.RunAsync("""
            create function keep() returns trigger language plpgsql as $$ begin
                if new.id = 'SD-1' then raise exception 'a reason is required'; end if;
                new.scope := 'of the trigger';
                return new;
            end $$;
            create trigger keep before update on strategic_directives_v2 for each row execute function keep()
            """);
        IReadOnlyList<ChangeOutcome<StrategicDirective>> outcomes = await EditAsync(Edit("SD-1", [("-Title", "x")]), Edit("SD-2", [("-Title", "x")]));
        Failed(outcomes[0], LeoErrorId.Forbidden, "a reason is required");
        Assert.Equal("of the trigger", Made(outcomes[1]).Scope);
    }

    [PostgresFact]
    public async Task A_role_that_may_only_read_is_Forbidden()
    {
        await using ILeoDatabase reader = await Database.OpenAsMemberAsync("authenticated");
        Assert.Equal(
            LeoErrorId.Forbidden,
            Assert.Single(await reader.Directives.EditAsync([Edit("SD-1", [("-Title", "x")])], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync()).Error?.ErrorId);
    }

    [PostgresFact]
    public async Task Atomically_all_are_edited_or_none()
    {
        await AddAsync("SD-2", "KEY-2");
        BulkResult<StrategicDirective> refused = await Directives.EditAsync(
            [Edit("SD-1", [("-Title", "x")]), Edit("none", [("-Title", "x")])], new BulkOptions(1, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        Assert.False(refused.Committed);
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from strategic_directives_v2 where title = 'x'"));
        Assert.True((await Directives.EditAsync(
            [Edit("SD-2", [("-Title", "x")]), Edit("KEY-1", [("-Title", "x")])], new BulkOptions(1, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None)).Committed);
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from strategic_directives_v2 where title = 'x'"));
    }

    [PostgresTheory]
    [InlineData("AsMet")]
    [InlineData("InOrder")]
    [InlineData("SkipHeld")]
    public async Task A_thousand_edits_go_by_the_indexes_over_id_and_key(string mode)
    {
        await Database.RunAsync("""
            insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
            select 'id-' || n, 'key-' || n, 't', 'active', 'c', 'high', '', '', '' from generate_series(1, 20000) n;
            analyze strategic_directives_v2
            """);
        var scope = new PooledScope(
            ConnectionSource.Over(NpgsqlDataSource.Create(Database.Server.ConnectionStringFor(Database.Name))), Database.Settings, HandoffDatabase.Context);
        var sql = new DirectiveSql(await RelationShape.LoadAsync(scope, DirectiveColumns.Table, CancellationToken.None));
        BatchItem<RowEdit<string>>[] items =
            [.. Enumerable.Range(1, 1000).Select(n => new BatchItem<RowEdit<string>>(n - 1, Edit(n % 2 == 0 ? $"id-{n}" : $"key-{n}", [("-Title", $"{n}")]), null))];
        RowDocument[] documents = [.. items.Select(i => RowDocument.OfEdit(i.Change.Values, DirectiveWritable.Table, sql.LiveColumns))];
        await using NpgsqlConnection connection = await Database.ConnectAsync();
        List<PlanNode> plan = await PlanNode.OfAsync(connection, DirectiveEditWork.Update(sql, items, documents, Enum.Parse<LockMode>(mode), []));
        Assert.Contains(plan, n => n.Index == "strategic_directives_v2_pkey");
        Assert.Contains(plan, n => n.Index is { } index && index != "strategic_directives_v2_pkey");
        Assert.DoesNotContain(plan, n => n.Scans(DirectiveColumns.Table));
        Assert.Equal(mode != "AsMet", plan.Exists(n => n.Type == "LockRows"));
    }

    private IDirectiveStore Directives => Database.Database.Directives;

    private static DirectiveQuery Named(params string[] ids) => new() { Filter = new DirectiveFilter { Names = ids } };

    private Task<IReadOnlyList<ChangeOutcome<StrategicDirective>>> EditAsync(params RowEdit<string>[] edits) =>
        Directives.EditAsync(edits, Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();

    private static RowEdit<string> Edit(string name, (string, string?)[] given, string? additional = null) => new(name, null, name, DirectiveWritable.Values(given, additional));

    private static RowEdit<string> Edit(StrategicDirective known, (string, string?)[] given, string? additional = null) =>
        new(known.Id, new RowGuard(known.RowVersion, known.Status, known.UpdatedAt), known, DirectiveWritable.Values(given, additional));

    /// <summary>The row without what the first test writes and what an edit stamps.</summary>
    private Task<string> OthersAsync() => Database.ScalarAsync<string>(
        "select (to_jsonb(d) - array['title', 'status', 'priority', 'updated_at'])::text from strategic_directives_v2 d where id = 'SD-1'");
}
