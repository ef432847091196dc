using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Runs of the past: those that took place elsewhere and are recorded, and those that were exported and are put back.</summary>
public sealed class PastRunTests(PostgresServer server) : GovernanceDatabaseTest(server)
{
    private static readonly DateTimeOffset Began = new(2026, 1, 10, 3, 37, 46, 396, 1, TimeSpan.Zero);

    private static readonly DateTimeOffset Ended = Began.AddTicks(355_004_000);

    private static readonly RunStartRules Queueing = new(ExecutionStatus.Pending, KeyConflict.Fail, Force: false);

    [PostgresFact]
    public async Task A_run_that_ended_elsewhere_is_recorded_whole_with_the_time_that_it_took()
    {
        var values = new RunValues { OutputState = """{"ok": true}""", TokenCount = 20_000, CostUsd = 0.0613m, Error = RunError.Of("No quorum", "Quorum", "at 1") };
        ExecutionStatus[] statuses = [ExecutionStatus.Completed, ExecutionStatus.Failed, ExecutionStatus.Cancelled, ExecutionStatus.Timeout];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
            [.. statuses.Select(s => Past(new RecordedState(s, Began, Ended), values)), ExecutionDatabase.Run()], Queueing);
        Assert.Equal([.. statuses, ExecutionStatus.Pending], outcomes.Select(o => o.Row!.Status!.Value));
        AssertEach.Of(outcomes.Take(4), o =>
        {
            FlowExecution run = o.Row!;
            Assert.Equal((Began, Ended, 35_500), (run.StartedAt, run.CompletedAt, run.DurationMs));
            Assert.Equal(("""{"ok": true}""", 20_000, 0.0613m, "No quorum", "Quorum", "at 1"), (run.RawOutputState, run.TokenCount, run.CostUsd, run.ErrorMessage, run.ErrorType, run.ErrorStack));
        });
        Assert.Equal((null, null), (outcomes[4].Row!.CompletedAt, outcomes[4].Row!.DurationMs));
        Assert.InRange(DateTimeOffset.UtcNow - outcomes[4].Row!.StartedAt!.Value, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(30));
        await AssertAsInTableAsync(outcomes);
        // The trigger counts what is inserted.
        Assert.Equal(5, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
    }

    [PostgresFact]
    public async Task A_run_longer_than_duration_ms_is_recorded_without_it_and_the_shortest_has_zero()
    {
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
            [
                Past(new RecordedState(ExecutionStatus.Completed, Began, Began.AddMilliseconds(int.MaxValue))), Past(new RecordedState(ExecutionStatus.Completed, Began, Began.AddDays(25))),
                Past(new RecordedState(ExecutionStatus.Completed, Began, Began)), Past(new RecordedState(ExecutionStatus.Completed, DateTimeOffset.MinValue, DateTimeOffset.MaxValue)),
            ],
            Queueing);
        Assert.Equal([int.MaxValue, null, 0, null], outcomes.Select(o => o.Row!.DurationMs));
        Assert.Equal([false, true, false, true], outcomes.Select(o => o.Note is not null));
    }

    [PostgresFact]
    public async Task A_run_that_ended_is_recorded_for_a_flow_that_does_not_start_and_a_queued_one_is_not()
    {
        await Database.AddFlowAsync("old-flow", "archived");
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
            [
                Past(new RecordedState(ExecutionStatus.Failed, Began, Began)) with { FlowKey = "old-flow" }, Past(new RecordedState(ExecutionStatus.Running, Began, null)) with { FlowKey = "old-flow" },
                Past(new RecordedState(ExecutionStatus.Running, null, null)), ExecutionDatabase.Run("old-flow"),
            ],
            Queueing);
        Assert.Equal([null, LeoErrorId.FlowNotRunnable, null, LeoErrorId.FlowNotRunnable], outcomes.Select(o => o.Error?.ErrorId));
    }

    [PostgresFact]
    public async Task The_server_checks_what_is_recorded_and_the_others_of_the_batch_are_written()
    {
        await Database.RunAsync("alter table crewai_flow_executions add constraint cheap check (cost_usd < 10)");
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
            [
                Past(new RecordedState(ExecutionStatus.Completed, Began, Began), new RunValues { CostUsd = 11 }), Past(new RecordedState(ExecutionStatus.Completed, Began, Began)),
            ],
            Queueing);
        Assert.Equal([OutcomeKind.Failed, OutcomeKind.Changed], outcomes.Select(o => o.Kind));
        Assert.Contains("cheap", outcomes[0].Error!.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Five_thousand_runs_come_back_to_the_byte()
    {
        await GovernAsync();
        await Database.RunAsync("alter table crewai_flow_executions add column \"it's \"\"Mine\"\"\" numeric, add column spans int4range, add column tags text[], add column numbered int generated always as identity, add column doubled int generated always as (token_count * 2) stored");
        await Database.InsertAsync(
            5000,
            "running",
            ("input_state", """case n % 4 when 0 then null when 1 then 'null'::jsonb when 2 then '{"big": 1e400, "a": 0.10, "c": 12345678901234567890}' else '[1, "2", null]' end"""),
            ("output_state", """case n % 3 when 0 then null when 1 then '"text \u00e9 \ud83d\ude00"'::jsonb else '{"K": 1, "k": 2}' end"""),
            ("metadata", """case n % 5 when 0 then null when 1 then 'null'::jsonb else jsonb_build_object('n', n) end"""),
            ("error_message", "case n % 4 when 0 then null when 1 then '' when 2 then E'it''s \"quoted\" \\\\ \\t \\r\\n 🚀' else 'x' end"),
            ("started_at", "case n % 6 when 0 then null when 1 then timestamptz '0001-01-01 00:00:00Z' else now() - n * interval '1.000001 s' end"),
            ("completed_at", "case n % 3 when 0 then timestamptz '9999-12-31 23:59:59.999999Z' end"),
            ("duration_ms", "case n % 3 when 0 then -5 end"),
            ("token_count", "nullif(n % 7, 0)"),
            ("cost_usd", "case n % 2 when 0 then 999999.9999 end"),
            ("execution_mode", "(array['manual', 'scheduled', 'triggered', null])[1 + n % 4]"),
            ("board_meeting_id", "case n % 2 when 0 then gen_random_uuid() end"),
            ("venture_id", "case n % 2 when 0 then gen_random_uuid() end"),
            ("budget_consumed", "case n % 3 when 0 then null else n end"),
            ("\"it's \"\"Mine\"\"\"", "case n % 3 when 0 then null when 1 then 'NaN' else n / 7.0 end"),
            ("spans", "case n % 2 when 0 then int4range(n, n + 5) end"),
            ("tags", "case n % 3 when 0 then null when 1 then '{}' else array['a', null, '\"'] end"));
        await Database.RunAsync("set session_replication_role = replica; update crewai_flow_executions set status = (array['pending', 'running', 'completed', 'failed', 'cancelled', 'timeout', null])[1 + numbered % 7]");
        List<string> before = await RowsAsync();
        string[] lines = [.. (await Database.ReadAsync()).Select(ExecutionJson.Line)];
        await Database.RunAsync("delete from crewai_flow_executions");
        foreach (string[] part in lines.Order(StringComparer.Ordinal).Chunk(1000))
        {
            IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(part.Select(l => ExecutionLine.Parse(l).Check()), Queueing);
            AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, null), (o.Kind, o.Error?.Message)));
        }

        Assert.Equal(before, await RowsAsync());
    }

    [PostgresFact]
    public async Task Whose_id_or_key_is_there_is_left_alone_and_the_others_are_put_back()
    {
        List<Guid> ids = await Database.InsertAsync(3, "completed");
        RunStart[] starts = [.. (await Database.ReadAsync()).OrderBy(r => r.Id).Select(r => ExecutionLine.Parse(ExecutionJson.Line(r)).Check())];
        await Database.RunAsync($"delete from crewai_flow_executions where id <> '{ids[1]}'; update crewai_flow_executions set error_message = 'as it is'");
        await Database.InsertAsync(1, "running", ("execution_key", $"'{starts[2].ExecutionKey}'"));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(starts, Queueing);
        Assert.Equal([null, LeoErrorId.StatusConflict, LeoErrorId.DuplicateExecutionKey], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Contains("-FromJson puts back what is gone", outcomes[1].Error!.Message, StringComparison.Ordinal);
        Assert.Equal("as it is", (await Database.ReadAsync(ids[1])).ErrorMessage);
    }

    [PostgresFact]
    public async Task Its_flow_has_to_be_there_by_its_id_and_may_be_archived()
    {
        await Database.InsertAsync(1, "completed");
        RunStart start = ExecutionLine.Parse(ExecutionJson.Line(Assert.Single(await Database.ReadAsync()))).Check();
        await Database.RunAsync("update crewai_flows set status = 'archived'; delete from crewai_flow_executions");
        Assert.Equal(LeoErrorId.FlowNotFound, Assert.Single(await StartAsync([start with { FlowId = Guid.NewGuid() }], Queueing)).Error?.ErrorId);
        BulkResult<FlowExecution> result = await StartAtomicallyAsync([start], Queueing);
        Assert.True(result.Committed);
        Assert.Equal(start.Id, Assert.Single(result.Outcomes).Row!.Id);
    }

    private static RunStart Past(RecordedState state, RunValues? values = null) => ExecutionDatabase.Run(values: values) with { State = state.Check() };

    private Task<List<string>> RowsAsync() => Database.ColumnAsync<string>("select e::text from crewai_flow_executions e order by id");
}
