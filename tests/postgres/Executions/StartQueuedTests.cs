using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Runs that were queued before and start now.</summary>
[Trait("Category", "Core")]
public sealed class StartQueuedTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    [PostgresFact]
    public async Task A_queued_run_starts_now_and_keeps_its_queue_time_in_the_metadata()
    {
        (string? Metadata, string? Given, string? Expected)[] cases =
        [
            (null, null, """{"queuedAt": "2026-01-02T03:04:05.000006Z"}"""),
            ("""'{"a": 1.10}'""", null, """{"a": 1.10, "queuedAt": "2026-01-02T03:04:05.000006Z"}"""),
            ("""'{"queuedAt": "before"}'""", null, """{"queuedAt": "2026-01-02T03:04:05.000006Z"}"""),
            ("""'{"a": 1}'""", """{"b": 1e400}""", $$"""{"b": 1{{new string('0', 400)}}, "queuedAt": "2026-01-02T03:04:05.000006Z"}"""),
            ("'[1, 2]'", null, "[1, 2]"),
            ("'null'", null, "null"),
            (null, "\"text\"", "\"text\""),
            ("""'{"a": 1}'""", "null", "null"),
        ];
        foreach (bool objects in new[] { true, false })
        {
            var ids = new List<Guid>();
            foreach ((string? metadata, string? _, string? _) in cases)
            {
                ids.AddRange(await Database.InsertAsync(1, "pending", ("started_at", "'2026-01-02 03:04:05.000006Z'"), ("metadata", metadata ?? "null"), ("input_state", "'7'")));
            }

            Dictionary<Guid, FlowExecution> before = (await Database.ReadAsync()).ToDictionary(r => r.Id);
            IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(ids.Zip(cases).Select(p =>
            {
                var values = new RunValues { Metadata = p.Second.Given };
                return objects ? ExecutionDatabase.Of(before[p.First], values) : ExecutionDatabase.Of(p.First, values);
            }));
            foreach ((ChangeOutcome<FlowExecution> outcome, (string?, string?, string? Expected) expected) in outcomes.Zip(cases))
            {
                Assert.Equal((OutcomeKind.Changed, ExecutionStatus.Running, false), (outcome.Kind, outcome.Row!.Status, outcome.Row.IsNew));
                Assert.Equal((expected.Expected, "7"), (outcome.Row.RawMetadata, outcome.Row.RawInputState));
                Assert.InRange(DateTimeOffset.UtcNow - outcome.Row.StartedAt!.Value, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(30));
                Assert.Null(outcome.Row.CompletedAt);
            }

            await AssertAsInTableAsync(outcomes);
        }

        // The flow counts runs that are inserted, and these were before.
        Assert.Equal(0, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
    }

    [PostgresFact]
    public async Task A_queued_run_whose_flow_was_archived_meanwhile_starts_by_force_alone()
    {
        List<Guid> ids = await Database.InsertAsync(2, "pending");
        Guid archived = await Database.AddFlowAsync("old-flow", "archived");
        Guid without = await Database.AddFlowAsync("no-status", null);
        ids.AddRange(await Database.InsertAsync(2, "pending", ("flow_id", $"'{archived}'")));
        ids.AddRange(await Database.InsertAsync(1, "pending", ("flow_id", $"'{without}'")));
        ids.AddRange(await Database.InsertAsync(1, "running", ("flow_id", $"'{archived}'")));
        FlowExecution queued = await Database.ReadAsync(ids[3]);
        ExecutionChange[] batch = [ExecutionDatabase.Of(ids[0]), ExecutionDatabase.Of(ids[2]), ExecutionDatabase.Of(queued), ExecutionDatabase.Of(ids[4]), ExecutionDatabase.Of(ids[5]), ExecutionDatabase.Of(ids[1])];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(batch);
        Assert.Equal(
            [null, LeoErrorId.FlowNotRunnable, LeoErrorId.FlowNotRunnable, LeoErrorId.FlowNotRunnable, null, null], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Contains("old-flow is Archived", outcomes[1].Error!.Message, StringComparison.Ordinal);
        // One that runs already is there, whatever its flow is.
        Assert.Equal(OutcomeKind.Unchanged, outcomes[4].Kind);
        BulkResult<FlowExecution> atomic = await StartAtomicallyAsync([ExecutionDatabase.Of(queued)]);
        Assert.Equal((false, LeoErrorId.FlowNotRunnable), (atomic.Committed, atomic.Outcomes[0].Error?.ErrorId));
        AssertEach.Of(await StartAsync(batch[1..4], ExecutionDatabase.Starting(force: true)), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
    }

    [PostgresFact]
    public async Task Without_a_queue_time_none_is_made_up()
    {
        List<Guid> ids = await Database.InsertAsync(1, "pending", ("started_at", "null"), ("metadata", """'{"a": 1}'"""));
        FlowExecution run = Assert.Single(await StartAsync([ExecutionDatabase.Of(ids[0])])).Row!;
        Assert.Equal("""{"a": 1}""", run.RawMetadata);
        Assert.NotNull(run.StartedAt);
    }

    [PostgresFact]
    public async Task Values_given_with_the_start_are_written_and_the_others_kept()
    {
        List<Guid> ids = await Database.InsertAsync(2, "pending", ("input_state", "'1'"), ("execution_mode", "'scheduled'"), ("board_meeting_id", "gen_random_uuid()"));
        FlowExecution before = await Database.ReadAsync(ids[1]);
        var user = Guid.NewGuid();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
            [ExecutionDatabase.Of(ids[0], new RunValues { InputState = "2", ExecutionMode = ExecutionMode.Triggered, ExecutedBy = user }), ExecutionDatabase.Of(ids[1])]);
        Assert.Equal(("2", ExecutionMode.Triggered, user), (outcomes[0].Row!.RawInputState, outcomes[0].Row!.ExecutionMode, outcomes[0].Row!.ExecutedBy));
        Assert.Equal(("1", ExecutionMode.Scheduled, null, before.BoardMeetingId), (outcomes[1].Row!.RawInputState, outcomes[1].Row!.ExecutionMode, outcomes[1].Row!.ExecutedBy, outcomes[1].Row!.BoardMeetingId));
        await AssertAsInTableAsync(outcomes);
    }

    [PostgresFact]
    public async Task What_is_not_pending_is_judged_as_any_move()
    {
        Guid running = (await Database.InsertAsync(1))[0];
        Guid completed = (await Database.InsertAsync(1, "completed", ("completed_at", "now()"), ("duration_ms", "5")))[0];
        Guid pending = (await Database.InsertAsync(1, "pending"))[0];
        FlowExecution stale = await Database.ReadAsync(pending);
        await Database.RunAsync($"update crewai_flow_executions set token_count = 1 where id = '{pending}'");
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
            [ExecutionDatabase.Of(running), ExecutionDatabase.Of(completed), ExecutionDatabase.Of(stale), ExecutionDatabase.Of(Guid.NewGuid())]);
        Assert.Equal((OutcomeKind.Unchanged, running), (outcomes[0].Kind, outcomes[0].Row!.Id));
        Assert.Equal([LeoErrorId.InvalidTransition, LeoErrorId.StatusConflict, LeoErrorId.NotFound], outcomes.Skip(1).Select(o => o.Error!.ErrorId));
        Assert.Equal(LeoErrorId.InvalidTransition, Assert.Single(await StartAsync([ExecutionDatabase.Of(running, new RunValues { InputState = "1" })])).Error?.ErrorId);
        // By force a finished run goes again: no end, no duration, and no queue time, since it was not queued.
        FlowExecution forced = Assert.Single(await StartAsync([ExecutionDatabase.Of(completed)], ExecutionDatabase.Starting(force: true))).Row!;
        Assert.Equal((ExecutionStatus.Running, null, null, null), (forced.Status, forced.CompletedAt, forced.DurationMs, forced.RawMetadata));
    }

    [PostgresFact]
    public async Task A_run_that_was_queued_long_ago_starts_like_any_other()
    {
        List<Guid> ids = await Database.InsertAsync(3, "pending", ("started_at", "case n when 1 then now() - interval '90 days' when 2 then now() else '-infinity' end"));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(ids.Select(i => ExecutionDatabase.Of(i)));
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, ExecutionStatus.Running, null, null), (o.Kind, o.Row!.Status, o.Row.CompletedAt, o.Note)));
        await AssertAsInTableAsync(outcomes);
    }

    [PostgresFact]
    public async Task A_run_queued_long_ago_that_another_holds_is_RowLocked_and_later_starts_without_an_end()
    {
        Guid id = (await Database.InsertAsync(1, "pending", ("started_at", "now() - interval '90 days'")))[0];
        await using (await Database.HoldAsync(id))
        {
            Assert.Equal(LeoErrorId.RowLocked, Assert.Single(await StartAsync([ExecutionDatabase.Of(id)], context: Waiting(TimeSpan.FromMilliseconds(100)))).Error?.ErrorId);
        }

        // Free again between the statement that passes it over and the look.
        await using NpgsqlConnection holder = await Database.HoldAsync(id);
        var logs = new List<string>();
        Task<IReadOnlyList<ChangeOutcome<FlowExecution>>>? start = null;
        Ports.CallContext context = Waiting(TimeSpan.FromMilliseconds(100)) with
        {
            Log = line =>
            {
                logs.Add(line);
                if (line.Contains("locks SkipHeld", StringComparison.Ordinal))
                {
                    holder.Dispose();
                }
            },
        };
        start = StartAsync([ExecutionDatabase.Of(id)], context: context);
        ChangeOutcome<FlowExecution> outcome = Assert.Single(await start);
        Assert.Contains(logs, l => l.Contains("locks SkipHeld", StringComparison.Ordinal));
        FlowExecution now = await Database.ReadAsync(id);
        Assert.Null(now.CompletedAt);
        Assert.Equal(outcome.Kind == OutcomeKind.Changed ? ExecutionStatus.Running : ExecutionStatus.Pending, now.Status);
    }
}
