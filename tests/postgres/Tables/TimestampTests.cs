using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Executions;
using LeoPS.Flows;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;
using LeoPS.Sessions;

namespace LeoPS.PostgresTests.Tables;

/// <summary>Columns that are a timestamp without time zone mean UTC, in a database whose sessions have another time zone.</summary>
public sealed class TimestampTests(PostgresServer server) : FlowDatabaseTest(server)
{
    private static readonly DateTimeOffset _noon = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly (string Table, string[] Columns)[] _columns =
    [
        ("exec_handoff_preparations", ["prepared_at", "sent_at", "response_at", "created_at", "updated_at"]),
        ("crewai_flow_executions", ["started_at", "completed_at"]),
        ("strategic_directives_v2", ["created_at", "updated_at"]),
        ("exec_implementation_sessions", ["started_at", "completed_at", "created_at", "updated_at"]),
        ("crewai_flows", ["last_executed_at", "created_at", "updated_at"]),
    ];

    [PostgresFact]
    public async Task Every_time_is_read_filtered_ordered_and_paged_as_utc()
    {
        await using ILeoDatabase database = await WithoutZonesAsync();
        // Every hour of a night in which the clocks of New York are put back, so that a local time there is ambiguous.
        await Database.InsertAsync(8, "ready", ("prepared_at", "timestamp '2025-11-02 03:00' + n * interval '1 hour'"), ("updated_at", "'2026-07-01 12:00'"));
        await Database.RunAsync("""
            update strategic_directives_v2 set created_at = '2026-07-01 12:00';
            update exec_implementation_sessions set started_at = '2026-07-01 12:00';
            insert into crewai_flows (flow_key, flow_name, flow_definition, created_at) values ('a', 'A', '{}', '2026-07-01 12:00');
            insert into crewai_flow_executions (flow_id, execution_key, started_at) select id, 'k', '2026-07-01 12:00' from crewai_flows
            """);
        DateTimeOffset first = new(2025, 11, 2, 4, 0, 0, TimeSpan.Zero);
        foreach (int? page in new int?[] { null, 1, 3 })
        {
            var query = new HandoffQuery { OrderBy = HandoffOrder.PreparedAt, PageSize = page };
            Assert.Equal(Enumerable.Range(0, 8).Select(h => first.AddHours(h)), (await Database.ReadAsync(query, database)).Select(r => r.PreparedAt!.Value));
        }

        var between = new HandoffFilter { After = first.AddHours(1), Before = first.AddHours(4) };
        Assert.Equal([1, 2, 3], (await Database.ReadAsync(new HandoffQuery { Filter = between, OrderBy = HandoffOrder.PreparedAt }, database)).Select(r => (r.PreparedAt!.Value - first).TotalHours));
        Assert.Equal(_noon, Assert.Single(await RowsAsync(database.Directives.ReadAsync(new DirectiveQuery { PageSize = 1, OrderBy = DirectiveOrder.CreatedAt }, Context, default))).CreatedAt);
        Assert.Equal(_noon, Assert.Single(await RowsAsync(database.Sessions.ReadAsync(new SessionQuery { PageSize = 1, OrderBy = SessionOrder.StartedAt }, Context, default))).StartedAt);
        Assert.Equal(_noon, Assert.Single(await RowsAsync(database.Flows.ReadAsync(new FlowQuery { PageSize = 1, OrderBy = FlowOrder.CreatedAt }, Context, default))).CreatedAt);
        var noon = new ExecutionFilter { After = _noon, Before = _noon.AddSeconds(1) };
        Assert.Equal(_noon, Assert.Single(await RowsAsync(database.Executions.ReadAsync(new ExecutionQuery { Filter = noon, PageSize = 1, OrderBy = ExecutionOrder.StartedAt }, Context, default))).StartedAt);
    }

    [PostgresFact]
    public async Task Every_time_that_is_written_is_utc()
    {
        await using ILeoDatabase database = await WithoutZonesAsync();
        await Database.InsertAsync(1, "ready");
        HandoffPreparation handoff = Assert.Single(await Database.ReadAsync(null, database));
        HandoffPreparation sent = Row(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(handoff)], store: database.Handoffs));
        Flow flow = Row(await database.Flows.CreateAsync([New("a")], Bulk.Each, Context, default).OutcomesAsync());
        flow = Row(await database.Flows.EditAsync([Describe(flow)], Bulk.Each, Context, default).OutcomesAsync());
        FlowExecution run = Row(await database.Executions.StartAsync(ExecutionDatabase.Starting(), [new RunStart { FlowKey = "a" }], Bulk.Each, Context, default).OutcomesAsync());
        run = Row(await database.Executions.ChangeAsync(ExecutionDatabase.MoveTo(ExecutionStatus.Completed), [new ExecutionChange(run.Id, run.Guard, run, run, RunValues.None)], Bulk.Each, Context, default).OutcomesAsync());
        ChangeOutcome<StrategicDirective> directive = await database.Directives.CreateAsync(new NewDirective { SdKey = "K", Title = "T" }.Check(), Context, default);
        ChangeOutcome<ImplementationSession> session = await database.Sessions.CreateAsync(
            new NewSession { Sd = "K", ImplementationType = ImplementationType.GENERAL_FEATURE, Status = SessionStatus.Completed }.Check(), Context, default);
        DateTimeOffset?[] times =
        [
            sent.SentAt, sent.UpdatedAt, flow.CreatedAt, flow.UpdatedAt, run.StartedAt, run.CompletedAt, directive.Row!.CreatedAt, session.Row!.StartedAt, session.Row.CompletedAt,
        ];
        DateTimeOffset now = new(await Database.ScalarAsync<DateTime>("select clock_timestamp() at time zone 'UTC'"), TimeSpan.Zero);
        AssertEach.Of(times, time => Assert.InRange(time!.Value, now.AddMinutes(-5), now));
        Assert.InRange(run.DurationMs!.Value, 0, 60_000);
    }

    [PostgresFact]
    public async Task A_guard_of_status_and_time_holds_where_rows_have_no_version()
    {
        await using ILeoDatabase database = await WithoutZonesAsync();
        await Database.InsertAsync(1, "ready", ("updated_at", "'2026-07-01 12:00'"));
        await Database.RunAsync("""
            alter table exec_handoff_preparations rename to handoff_rows;
            create view exec_handoff_preparations as select * from handoff_rows
            """);
        HandoffPreparation row = Assert.Single(await Database.ReadAsync(null, database));
        Assert.Null(row.RowVersion);
        Assert.Equal(HandoffStatus.Sent, Row(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), [HandoffDatabase.Of(row)], store: database.Handoffs)).HandoffStatus);
    }

    [PostgresFact]
    public async Task An_additional_time_keeps_what_the_database_has_and_one_with_a_zone_is_written_as_utc()
    {
        await Database.RunAsync("create domain stamp as timestamp; alter table crewai_flows add seen timestamp, add due stamp, add at timestamptz");
        await using ILeoDatabase database = await WithoutZonesAsync();
        static NewFlow With(string key, string time) =>
            New(key) with { AdditionalColumns = new AdditionalColumns { Given = $$"""{"seen": "{{time}}", "due": "{{time}}", "at": "{{time}}"}""" } };
        Flow plain = Row(await database.Flows.CreateAsync([With("a", "2026-07-01T12:00:00.000001")], Bulk.Each, Context, default).OutcomesAsync());
        Flow zoned = Row(await database.Flows.CreateAsync([With("b", "2026-07-01T14:00:00.000001+02:00")], Bulk.Each, Context, default).OutcomesAsync());
        const string Expected = """{"seen":"2026-07-01T12:00:00.000001","due":"2026-07-01T12:00:00.000001","at":"2026-07-01T12:00:00.000001+00:00"}""";
        Assert.Equal((Expected, Expected), (plain.RawAdditionalColumns, zoned.RawAdditionalColumns));
    }

    private static TRow Row<TRow>(IReadOnlyList<ChangeOutcome<TRow>> outcomes)
        where TRow : class
    {
        ChangeOutcome<TRow> outcome = Assert.Single(outcomes);
        Assert.Null(outcome.Error);
        return outcome.Row!;
    }

    private static async Task<List<TRow>> RowsAsync<TRow>(IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> chunks)
        where TRow : class
    {
        var rows = new List<TRow>();
        await foreach (IReadOnlyList<ReadItem<TRow>> chunk in chunks)
        {
            rows.AddRange(chunk.Select(item => item.Error is null ? item.Row : throw item.Error));
        }

        return rows;
    }

    /// <summary>Makes every time a timestamp without time zone, in a database whose sessions are in New York; then opens it again.</summary>
    private async Task<ILeoDatabase> WithoutZonesAsync()
    {
        // The trigger's condition names a column, which keeps its type.
        await Database.RunAsync("drop trigger execution_duration_calculator on crewai_flow_executions");
        foreach ((string table, string[] columns) in _columns)
        {
            await Database.RunAsync($"alter table {table} {string.Join(", ", columns.Select(c => $"alter {c} type timestamp using {c} at time zone 'UTC'"))}");
        }

        await Database.RunAsync("""
            create trigger execution_duration_calculator before update on crewai_flow_executions for each row
                when (new.completed_at is not null and old.completed_at is null) execute function calculate_execution_duration()
            """);
        await Database.RunAsync($"alter database \"{Database.Name}\" set timezone = 'America/New_York'");
        return await Database.OpenAsync(s => s);
    }
}
