using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Every column's values as they come out.</summary>
[Trait("Category", "Core")]
public sealed class ReadValueTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    [PostgresFact]
    public async Task Every_column_comes_under_its_own_name()
    {
        var meeting = Guid.NewGuid();
        var user = Guid.NewGuid();
        Guid id = (await Database.InsertAsync(
            1,
            "timeout",
            ("execution_key", "'KEY'"),
            ("input_state", """'{"i": 1}'"""),
            ("output_state", """'{"o": 2}'"""),
            ("error_message", "'message'"),
            ("error_stack", "'stack'"),
            ("error_type", "'type'"),
            ("started_at", "'2026-01-01 00:00:00.000001Z'"),
            ("completed_at", "'2026-01-02 00:00:00.000002Z'"),
            ("duration_ms", "-7"),
            ("token_count", "2147483647"),
            ("cost_usd", "1.1"),
            ("board_meeting_id", $"'{meeting}'"),
            ("executed_by", $"'{user}'"),
            ("execution_mode", "'scheduled'"),
            ("metadata", """'{"m": 3}'""")))[0];
        FlowExecution row = await Database.ReadAsync(id);
        Assert.Equal((id, ExecutionDatabase.FlowId, ExecutionDatabase.FlowKey, ExecutionDatabase.FlowName), (row.Id, row.FlowId, row.FlowKey, row.FlowName));
        Assert.Equal(("KEY", ExecutionStatus.Timeout, ExecutionMode.Scheduled), (row.ExecutionKey, row.Status, row.ExecutionMode));
        Assert.Equal(("""{"i": 1}""", """{"o": 2}""", """{"m": 3}"""), (row.RawInputState, row.RawOutputState, row.RawMetadata));
        Assert.Equal(("message", "stack", "type"), (row.ErrorMessage, row.ErrorStack, row.ErrorType));
        Assert.Equal("2026-01-01T00:00:00.0000010+00:00", row.StartedAt!.Value.ToString("O"));
        Assert.Equal("2026-01-02T00:00:00.0000020+00:00", row.CompletedAt!.Value.ToString("O"));
        Assert.Equal((-7, int.MaxValue, "1.1000"), (row.DurationMs, row.TokenCount, row.CostUsd.ToString()));
        Assert.Equal((meeting, user, false), (row.BoardMeetingId, row.ExecutedBy, row.IsNew));
        Assert.Equal(await Database.ScalarAsync<string>("select xmin::text from crewai_flow_executions"), row.RowVersion.ToString());
    }

    [PostgresFact]
    public async Task Every_column_that_may_be_null_reads_as_null()
    {
        Guid id = (await Database.InsertAsync(1, null, ("started_at", "null"), ("execution_mode", "null")))[0];
        FlowExecution row = await Database.ReadAsync(id);
        AssertEach.Of(
            [
                row.Status, row.InputState, row.OutputState, row.ErrorMessage, row.ErrorStack, row.ErrorType, row.StartedAt, row.CompletedAt, row.DurationMs,
                row.TokenCount, row.CostUsd, row.BoardMeetingId, row.ExecutedBy, row.ExecutionMode, row.Metadata, row.RawInputState, row.RawOutputState, row.RawMetadata,
            ],
            value => Assert.Null((object?)value));
    }

    [PostgresTheory]
    [InlineData("started_at", "'infinity'", "infinity")]
    [InlineData("completed_at", "'-infinity'", "-infinity")]
    [InlineData("started_at", "'10000-01-01Z'", "9999")]
    [InlineData("completed_at", "'0001-12-31 23:59:59.999999Z BC'", "years 1 to")]
    [InlineData("cost_usd", "'NaN'", "NaN")]
    public async Task An_unreadable_value_is_that_rows_error_and_the_stream_goes_on(string column, string value, string why)
    {
        List<Guid> ids = await Database.InsertAsync(1200, "running", ("metadata", """jsonb_build_object('n', n)"""), ("cost_usd", "n"), ("error_stack", "'stack ' || n"));
        Guid bad = ids[700];
        await Database.RunAsync($"set session_replication_role = replica; update crewai_flow_executions set {column} = {value} where id = '{bad}'");
        List<ReadItem<FlowExecution>> items = await Database.ReadItemsAsync();
        Assert.Equal(ids, items.ConvertAll(i => i.Row.Id));
        LeoException error = Assert.Single(items, i => i.Error is not null).Error!;
        Assert.Equal(LeoErrorId.UnreadableRow, error.ErrorId);
        Assert.Contains($"Execution {bad}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"column {column}", error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        // The columns behind the bad one are read, and the rows behind the bad row are whole.
        AssertEach.Of(items, i => Assert.Equal((ExecutionDatabase.FlowKey, $$"""{"n": {{i.Row.ErrorStack!.Split(' ')[1]}}}"""), (i.Row.FlowKey, i.Row.RawMetadata)));
        AssertEach.Of(items.Where(i => i.Error is null), i => Assert.Equal($"{i.Row.CostUsd:0}", i.Row.ErrorStack!.Split(' ')[1]));
    }

    // Older releases have no infinite numeric.
    [PostgresFact(since: 14)]
    public Task An_infinite_cost_is_unreadable_where_the_column_lets_it_in() => ReadUnreadableCostAsync("'Infinity'");

    [PostgresTheory]
    [InlineData("1e40")]
    [InlineData("-1e130")]
    [InlineData("0.00000000000000000000000000000000001")]
    public Task A_cost_that_no_decimal_holds_is_unreadable_where_the_column_lets_it_in(string cost) => ReadUnreadableCostAsync(cost);

    [PostgresTheory]
    [InlineData("status", "crewai_flow_executions_status_check")]
    [InlineData("execution_mode", "crewai_flow_executions_execution_mode_check")]
    public async Task A_name_of_a_later_version_makes_the_row_unreadable(string column, string check)
    {
        Guid good = (await Database.InsertAsync(1))[0];
        Guid bad = (await Database.InsertAsync(1))[0];
        await Database.RunAsync($"alter table crewai_flow_executions drop constraint {check}; update crewai_flow_executions set {column} = 'later' where id = '{bad}'");
        List<ReadItem<FlowExecution>> items = await Database.ReadItemsAsync();
        Assert.Null(items.Single(i => i.Row.Id == good).Error);
        LeoException error = items.Single(i => i.Row.Id == bad).Error!;
        Assert.Equal(LeoErrorId.UnreadableRow, error.ErrorId);
        Assert.Contains(column, error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Large_states_come_in_small_chunks()
    {
        await Database.InsertAsync(60, "completed", ("output_state", "to_jsonb(repeat('0123456789', 50000))"));
        var sizes = new List<int>();
        await foreach (IReadOnlyList<ReadItem<FlowExecution>> chunk in Store.ReadAsync(new ExecutionQuery(), ExecutionDatabase.Context, CancellationToken.None))
        {
            sizes.Add(chunk.Count);
        }

        Assert.Equal(60, sizes.Sum());
        Assert.InRange(sizes.Max(), 1, 3);
    }

    private async Task ReadUnreadableCostAsync(string cost)
    {
        await Database.RunAsync("alter table crewai_flow_executions alter column cost_usd type numeric");
        List<Guid> ids = await Database.InsertAsync(5, "running", ("cost_usd", $"case when n = 3 then {cost} else 0.25 end"));
        List<ReadItem<FlowExecution>> items = await Database.ReadItemsAsync();
        Assert.Equal(ids, items.ConvertAll(i => i.Row.Id));
        Assert.Contains("cost_usd", Assert.Single(items, i => i.Error is not null).Error!.Message, StringComparison.Ordinal);
        Assert.Equal(4, items.Count(i => i.Row.CostUsd == 0.25m));
    }
}
