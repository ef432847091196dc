using System.Globalization;
using System.Text.Json;
using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Executions;
using LeoPS.Flows;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;
using LeoPS.Sessions;

namespace LeoPS.PostgresTests.Tables;

/// <summary>
/// Tables with columns that LeoPS does not know: more than a function takes arguments, as many as a table can have, and of every type.
/// </summary>
public sealed class WideTableTests(PostgresServer server) : FlowDatabaseTest(server)
{
    private const int MostColumns = 1600;

    public static TheoryData<string> Tables => ["exec_handoff_preparations", "crewai_flow_executions", "strategic_directives_v2", "exec_implementation_sessions", "crewai_flows"];

    [PostgresTheory]
    [MemberData(nameof(Tables))]
    public async Task As_many_columns_as_a_table_can_have_are_read(string table)
    {
        await FillAsync();
        long known = await ColumnsAsync(table);
        // A dropped column keeps its place among the 1,600.
        await Database.RunAsync($"alter table {table} add dropped int default 5");
        await Database.RunAsync($"alter table {table} drop dropped");
        await Database.RunAsync($"alter table {table} {string.Join(", ", Enumerable.Range(1, MostColumns - 1 - (int)known).Select(i => $"add \"c {i}\" int default {i}"))}");
        Assert.Equal(MostColumns - 1, await ColumnsAsync(table));
        JsonElement read = Assert.Single(await AdditionalAsync(table));
        Assert.Equal(MostColumns - 1 - known, read.EnumerateObject().Count());
        AssertEach.Of(Enumerable.Range(1, MostColumns - 1 - (int)known), i => Assert.Equal(i, read.GetProperty($"c {i}").GetInt32()));
    }

    [PostgresFact]
    public async Task What_is_written_to_a_wide_table_comes_back_with_its_columns()
    {
        await FillAsync();
        foreach (string table in Tables)
        {
            await Database.RunAsync($"alter table {table} {string.Join(", ", Enumerable.Range(1, 120).Select(i => $"add u{i} int default {i}"))}");
        }

        HandoffPreparation handoff = Assert.Single(await Database.ReadAsync());
        HandoffPreparation moved = (await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Ready), [HandoffDatabase.Of(handoff)]))[0].Row!;
        Assert.Equal(120, Members(moved.RawAdditionalColumns));
        Flow edited = Changed(await EditAsync(Describe(Assert.Single(await ReadFlowsAsync()))));
        Assert.Equal(120, Members(edited.RawAdditionalColumns));
        var claim = new RunClaim(ExecutionDatabase.Starting(), 1, null, RunValues.None);
        FlowExecution claimed = (await Database.Database.Executions.ClaimAllAsync(claim, Context, CancellationToken.None))[0].Row!;
        Assert.Equal(120, Members(claimed.RawAdditionalColumns));
        ChangeOutcome<HandoffPreparation> removed = (await Database.Database.Handoffs.RemoveAsync([new RowRemoval(moved.Id, moved.Guard, moved)], Bulk.Each, null, Context, CancellationToken.None).OutcomesAsync())[0];
        Assert.Equal(120, Members(removed.Row!.RawAdditionalColumns));
    }

    [PostgresFact]
    public async Task Every_type_is_read_and_a_copy_of_the_row_has_the_same_values()
    {
        await AddEveryTypeAsync("crewai_flows");
        await AddAsync("a", ("all_types_set", "true"));
        await Database.RunAsync($"update crewai_flows set {string.Join(", ", _types.Select((t, i) => $"x{i} = {t.Value}"))}");
        Flow flow = Assert.Single(await ReadFlowsAsync());
        Assert.Equal(
            await Database.ScalarAsync<string>($"select ({ToJson})::text from crewai_flows f"),
            await Database.ScalarAsync<string>($"select $json${flow.RawAdditionalColumns}$json$::jsonb::text"));

        Flow copy = Changed(await CreateAsync(New("b") with { AdditionalColumns = new AdditionalColumns { OfRow = flow.RawAdditionalColumns, IsCopy = true } }));
        Assert.Equal(flow.RawAdditionalColumns, copy.RawAdditionalColumns);
        Assert.Equal(1, await Database.ScalarAsync<long>($"select count(distinct row({Names})::text) from crewai_flows"));
    }

    [PostgresFact]
    public async Task Every_type_is_written_by_an_edit_and_by_the_inserts_of_the_other_tables()
    {
        foreach (string table in Tables)
        {
            await AddEveryTypeAsync(table);
        }

        Guid id = await AddAsync("a");
        string values = await Database.ScalarAsync<string>($"select (select to_jsonb(v) from (select {string.Join(", ", _types.Select((t, i) => $"({t.Value})::{t.Type} as x{i}"))}) v)::text");
        var given = new AdditionalColumns { Given = values };
        Flow edited = Changed(await EditAsync(Edit(id, new FlowValues()) with { AdditionalColumns = given }));
        HandoffDraft draft = new() { SessionId = HandoffDatabase.SessionId, AdditionalColumns = given, Values = Summary() };
        HandoffPreparation made = Row(await Database.Database.Handoffs.CreateAsync(new DraftRules(false, false), [draft], Bulk.Each, Context, CancellationToken.None).OutcomesAsync());
        FlowExecution run = Row(await Database.Database.Executions.StartAsync(
            ExecutionDatabase.Starting(), [new RunStart { FlowKey = "a", AdditionalColumns = given }], Bulk.Each, Context, CancellationToken.None).OutcomesAsync());
        StrategicDirective directive = (await Database.Database.Directives.CreateAsync(
            new NewDirective { SdKey = "K", Title = "T", AdditionalColumns = given }.Check(), Context, CancellationToken.None)).Row!;
        ImplementationSession session = (await Database.Database.Sessions.CreateAsync(
            new NewSession { Sd = "K", ImplementationType = ImplementationType.GENERAL_FEATURE, AdditionalColumns = given }.Check(), Context, CancellationToken.None)).Row!;
        string expected = await Database.ScalarAsync<string>($"select $json${values}$json$::jsonb::text");
        string?[] read = [edited.RawAdditionalColumns, made.RawAdditionalColumns, run.RawAdditionalColumns, directive.RawAdditionalColumns, session.RawAdditionalColumns];
        foreach (string? row in read)
        {
            Assert.Equal(expected, await Database.ScalarAsync<string>($"select ($json${row}$json$::jsonb - '{{all_types_set,must_be}}'::text[])::text"));
        }
    }

    [PostgresFact]
    public async Task Of_a_copy_what_the_database_fills_or_what_is_unique_is_left_out()
    {
        await Database.RunAsync("""
            alter table crewai_flows add doubled int generated always as (version * 2) stored, add number int generated always as identity,
                add counter int generated by default as identity (start 100), add code text unique default gen_random_uuid()::text, add python_code text
            """);
        await AddAsync("a", ("python_code", "'print(1)'"), ("version", "4"));
        Flow flow = Assert.Single(await ReadFlowsAsync());
        Flow copy = Changed(await CreateAsync(
            New("b", new FlowValues { Version = 5 }) with { AdditionalColumns = new AdditionalColumns { OfRow = flow.RawAdditionalColumns, IsCopy = true } }));
        JsonElement was = JsonDocument.Parse(flow.RawAdditionalColumns!).RootElement;
        JsonElement now = JsonDocument.Parse(copy.RawAdditionalColumns!).RootElement;
        Assert.Equal("print(1)", now.GetProperty("python_code").GetString());
        Assert.Equal((8, 10), (was.GetProperty("doubled").GetInt32(), now.GetProperty("doubled").GetInt32()));
        Assert.Equal((1, 2), (was.GetProperty("number").GetInt32(), now.GetProperty("number").GetInt32()));
        Assert.Equal((100, 101), (was.GetProperty("counter").GetInt32(), now.GetProperty("counter").GetInt32()));
        Assert.NotEqual(was.GetProperty("code").GetString(), now.GetProperty("code").GetString());
    }

    [PostgresTheory]
    [InlineData("""{"doubled": 1}""", "column doubled of table crewai_flows, and the database computes it")]
    [InlineData("""{"number": 1}""", "column number of table crewai_flows, and the database numbers it")]
    [InlineData("""{"nowhere": 1}""", "'nowhere', and table crewai_flows has no such column")]
    [InlineData("""{"flow_name": "x"}""", "column flow_name, for which there is a parameter")]
    public async Task A_column_that_cannot_be_written_is_named_and_the_other_rows_are_written(string given, string says)
    {
        await Database.RunAsync("""
            alter table crewai_flows add doubled int generated always as (version * 2) stored, add number int generated always as identity, add python_code text
            """);
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await CreateAsync(
            New("a"),
            New("b") with { AdditionalColumns = new AdditionalColumns { Given = given } },
            New("c") with { AdditionalColumns = new AdditionalColumns { Given = """{"python_code": "p"}""" } });
        Assert.Equal("Changed, ValueOutOfRange, Changed", Ends(outcomes));
        Assert.Contains(says, outcomes[1].Error!.Message, StringComparison.Ordinal);
        Assert.Equal("p", JsonDocument.Parse(outcomes[2].Row!.RawAdditionalColumns!).RootElement.GetProperty("python_code").GetString());
        IReadOnlyList<ChangeOutcome<Flow>> edits = await EditAsync(
            Describe(outcomes[0].Row!) with { AdditionalColumns = new AdditionalColumns { Given = given } },
            Describe(outcomes[2].Row!) with { AdditionalColumns = new AdditionalColumns { Given = """{"python_code": "q"}""" } });
        Assert.Equal("ValueOutOfRange, Changed", Ends(edits));
        Assert.Null((await ReadFlowAsync(outcomes[0].Row!.Id)).Description);
    }

    [PostgresFact]
    public async Task Rows_that_write_different_columns_get_defaults_for_the_others_and_the_first_of_a_key_is_made()
    {
        await Database.RunAsync("alter table crewai_flows add one text default 'd1', add two text default 'd2'");
        static AdditionalColumns Columns(string json) => new() { Given = json };
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await CreateAsync(
            New("k1") with { AdditionalColumns = Columns("""{"one": "x"}""") },
            New("k2") with { AdditionalColumns = Columns("""{"two": null}""") },
            New("k2") with { AdditionalColumns = Columns("""{"one": "late"}""") },
            New("k3"));
        Assert.Equal("Changed, Changed, ValueOutOfRange, Changed", Ends(outcomes));
        Assert.Equal(
            ["k1 x d2", "k2 d1 null", "k3 d1 d2"],
            await Database.ColumnAsync<string>("select concat_ws(' ', flow_key, one, coalesce(two, 'null')) from crewai_flows order by flow_key"));
    }

    [PostgresFact]
    public async Task A_handoff_is_put_back_with_its_additional_columns()
    {
        await Database.RunAsync("alter table exec_handoff_preparations add reviewer text, add score int generated always as (length(implementation_summary)) stored");
        await Database.InsertAsync(1, "ready", ("reviewer", "'ann'"));
        HandoffPreparation row = Assert.Single(await Database.ReadAsync());
        string line = HandoffJson.Line(row);
        await Database.RunAsync("delete from exec_handoff_preparations");
        HandoffPreparation back = Row(await Database.Database.Handoffs.CreateAsync(new DraftRules(true, false), [HandoffLine.Parse(line)], Bulk.Each, Context, CancellationToken.None).OutcomesAsync());
        Assert.Equal(row.RawAdditionalColumns, back.RawAdditionalColumns);
        Assert.Contains("ann", back.RawAdditionalColumns!, StringComparison.Ordinal);
    }

    private static readonly (string Type, string Value)[] _types =
    [
        ("smallint", "-7"), ("bigint", "9007199254740993"), ("numeric", "1.10"), ("numeric(12,3)", "12.345"), ("real", "1.5"), ("double precision", "'NaN'"),
        ("boolean", "true"), ("char(5)", "'ab'"), ("varchar(9)", "'it''s'"), ("text", """E'q"\\ \u00e9'"""), ("bytea", @"'\x00ff'"), ("uuid", "gen_random_uuid()"),
        ("date", "'0044-03-15 BC'"), ("time", "'23:59:59.999999'"), ("timetz", "'12:00+02'"), ("timestamp", "'2026-03-04 05:06:07.123456'"), ("timestamptz", "'infinity'"),
        ("interval", "'1 mon 2 days 03:04:05.6'"), ("inet", "'10.0.0.1/8'"), ("macaddr", "'08:00:2b:01:02:03'"), ("bit(3)", "B'101'"), ("money", "12.34"),
        ("point", "'(1,2)'"), ("xml", "'<a/>'"), ("tsvector", "'a b'::tsvector"), ("json", """'{"a": [1, null]}'"""), ("jsonb", """'{"a": [1, null]}'"""),
        ("int4range", "'[1,5)'"), ("tstzrange", "'[2026-01-01 00:00Z,)'"), ("int4[]", "'{{1,2},{3,null}}'"), ("text[]", """'{"a b",null,"\"q\""}'"""), ("jsonb[]", "array['1', '{}']::jsonb[]"),
        ("wide.mood", "'so so'"), ("wide.mood[]", "array['so so', null]::wide.mood[]"), ("wide.pair", "row(1, 'x')::wide.pair"),
        ("wide.pair[]", "array[row(1, null), row(2, 'y')]::wide.pair[]"), ("wide.positive", "3"), ("wide.positive[]", "array[3, 4]::wide.positive[]"),
        ("wide.nested", "5"), ("wide.stamp", "'2026-03-04 05:06:07'"), ("wide.vector", "'{1,2.5}'"), ("int4range[]", "array['[1,2)', 'empty']::int4range[]"),
    ];

    private static string Names => string.Join(", ", _types.Select((_, i) => $"x{i}"));

    private static string ToJson => $"select to_jsonb(v) from (select f.all_types_set, f.must_be, {Names}) v";

    private static int Members(string? json) => JsonDocument.Parse(json!).RootElement.EnumerateObject().Count();

    private static TRow Row<TRow>(IReadOnlyList<ChangeOutcome<TRow>> outcomes)
        where TRow : class
    {
        ChangeOutcome<TRow> outcome = Assert.Single(outcomes);
        Assert.Null(outcome.Error);
        return outcome.Row!;
    }

    private static HandoffValues Summary()
    {
        var values = new HandoffValues();
        values[ContentColumn.ImplementationSummary] = "built";
        return values;
    }

    /// <summary>Adds a column of each type; the types of the tests' own are in a schema that no search path has.</summary>
    private async Task AddEveryTypeAsync(string table)
    {
        if (await Database.ScalarAsync<bool>("select to_regnamespace('wide') is null"))
        {
            await Database.RunAsync("""
                create schema wide;
                create type wide.mood as enum ('good', 'so so');
                create type wide.pair as (a int, b text);
                create domain wide.positive as int check (value > 0);
                create domain wide.nested as wide.positive check (value > 1);
                create domain wide.stamp as timestamp;
                create domain wide.vector as real[];
                create domain wide.required as text not null;
                """);
        }

        await Database.RunAsync($"alter table {table} {string.Join(", ", _types.Select((t, i) => $"add x{i} {t.Type}"))}");
        await Database.RunAsync($"alter table {table} add all_types_set boolean, add must_be wide.required default 'there'");
    }

    private Task<long> ColumnsAsync(string table) =>
        Database.ScalarAsync<long>($"select count(*) from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped");

    /// <summary>One row in each table.</summary>
    private async Task FillAsync()
    {
        await Database.InsertAsync(1, "preparing");
        await Database.RunAsync("""
            insert into crewai_flows (flow_key, flow_name, flow_definition) values ('a', 'A', '{}');
            insert into crewai_flow_executions (flow_id, execution_key) select id, 'k' from crewai_flows;
            """);
    }

    private async Task<List<JsonElement>> AdditionalAsync(string table)
    {
        List<string?> raw = table switch
        {
            "exec_handoff_preparations" => (await Database.ReadAsync()).ConvertAll(r => r.RawAdditionalColumns),
            "crewai_flow_executions" => await RawAsync(Database.Database.Executions.ReadAsync(new ExecutionQuery(), Context, CancellationToken.None), r => r.RawAdditionalColumns),
            "strategic_directives_v2" => await RawAsync(Database.Database.Directives.ReadAsync(new DirectiveQuery(), Context, CancellationToken.None), r => r.RawAdditionalColumns),
            "exec_implementation_sessions" => await RawAsync(Database.Database.Sessions.ReadAsync(new SessionQuery(), Context, CancellationToken.None), r => r.RawAdditionalColumns),
            "crewai_flows" => (await ReadFlowsAsync()).ConvertAll(r => r.RawAdditionalColumns),
            _ => throw new ArgumentOutOfRangeException(nameof(table), string.Create(CultureInfo.InvariantCulture, $"{table}")),
        };
        return raw.ConvertAll(r => JsonDocument.Parse(r!).RootElement);
    }

    private static async Task<List<string?>> RawAsync<TRow>(IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> chunks, Func<TRow, string?> raw)
        where TRow : class
    {
        var rows = new List<string?>();
        await foreach (IReadOnlyList<ReadItem<TRow>> chunk in chunks)
        {
            AssertEach.Of(chunk, item => Assert.Null(item.Error));
            rows.AddRange(chunk.Select(item => raw(item.Row)));
        }

        return rows;
    }
}
