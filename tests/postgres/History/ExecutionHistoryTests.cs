using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.History;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.History;

/// <summary>The history of executions: what is its own beside that of handoffs.</summary>
[Trait("Category", "Core")]
public sealed class ExecutionHistoryTests(PostgresServer server) : HistoryTest(server)
{
    private readonly Guid _flow = Guid.NewGuid();

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Database.RunAsync($$"""insert into crewai_flows (id, flow_key, flow_name, flow_definition) values ('{{_flow}}', 'weekly-meeting', 'Weekly', '{}')""");
    }

    [PostgresFact]
    public async Task A_run_is_recorded_from_its_start_to_its_end_with_what_it_failed_of()
    {
        FlowExecution run = await StartAsync("RUN-1");

        await EndAsync(run, ExecutionStatus.Failed, RunError.Of($"No quorum{new string('!', 2000)}", null, null));

        List<FlowExecutionHistoryEntry> entries = await ReadRunsAsync();
        Assert.Equal([(ExecutionStatus.Running, (ExecutionStatus?)ExecutionStatus.Failed), (null, ExecutionStatus.Running)], entries.Select(e => (e.From, e.To)));
        AssertEach.Of(entries, e => Assert.Equal((run.Id, _flow, "weekly-meeting", "RUN-1"), (e.Id, e.FlowId, e.FlowKey, e.ExecutionKey)));
        Assert.Equal([1000, null], entries.Select(e => e.Reason?.Length));
        Assert.StartsWith("No quorum", entries[0].Reason, StringComparison.Ordinal);
        Assert.Equal($"RUN-1 {run.Id.ToString()[..8]} Running → Failed", entries[0].ToString());
    }

    [PostgresFact]
    public async Task A_reason_that_was_given_counts_more_than_the_error_and_a_good_end_has_none()
    {
        FlowExecution good = await StartAsync("GOOD");
        FlowExecution bad = await StartAsync("BAD");

        await EndAsync(good, ExecutionStatus.Completed, null);
        await EndAsync(bad, ExecutionStatus.Cancelled, RunError.Of("Killed", null, null), "Budget spent");

        Assert.Equal(["Budget spent"], (await ReadRunsAsync(new ExecutionHistoryQuery { ExecutionKeys = ["BAD"] })).Where(e => e.From is not null).Select(e => e.Reason));
        AssertEach.Of(await ReadRunsAsync(new ExecutionHistoryQuery { ExecutionKeys = ["GOOD"] }), e => Assert.Null(e.Reason));
    }

    [PostgresFact]
    public async Task A_run_without_a_status_is_recorded_once_it_has_one()
    {
        await Database.RunAsync($"insert into crewai_flow_executions (flow_id, execution_key, status) values ('{_flow}', 'ODD', null)");
        Assert.Empty(await ReadRunsAsync());

        await Database.RunAsync("update crewai_flow_executions set status = 'pending'; update crewai_flow_executions set status = null");

        Assert.Equal([(ExecutionStatus.Pending, null), (null, (ExecutionStatus?)ExecutionStatus.Pending)], (await ReadRunsAsync()).Select(e => ((ExecutionStatus?)e.From, e.To)));
    }

    [PostgresTheory]
    [InlineData("RUN-?", null, 2)]
    [InlineData("RUN-1", null, 1)]
    [InlineData("run-*", "WEEKLY*", 2)]
    [InlineData(null, "weekly-meeting", 3)]
    [InlineData(null, "monthly", 0)]
    [InlineData("GONE", null, 2)]
    public async Task Keys_of_runs_and_flows_select_and_deleted_runs_keep_theirs(string? executionKey, string? flowKey, int found)
    {
        await StartAsync("RUN-1");
        await StartAsync("RUN-2");
        await Database.RunAsync($"""
            insert into crewai_flows (id, flow_key, flow_name, flow_definition) values (gen_random_uuid(), 'other', 'Other', '{"{}"}');
            insert into crewai_flow_executions (flow_id, execution_key) select id, 'GONE' from crewai_flows where flow_key = 'other';
            delete from crewai_flow_executions where execution_key = 'GONE';
            insert into crewai_flow_executions (flow_id, execution_key) values ('{_flow}', 'LAST');
            """);

        var query = new ExecutionHistoryQuery { ExecutionKeys = executionKey is null ? null : [executionKey], FlowKeys = flowKey is null ? null : [flowKey] };
        Assert.Equal(found, (await ReadRunsAsync(query)).Count);
    }

    private async Task<FlowExecution> StartAsync(string key)
    {
        ChangeOutcome<FlowExecution> outcome = Assert.Single(await Database.Database.Executions.StartAsync(
            new RunStartRules(ExecutionStatus.Running, KeyConflict.Fail, Force: false), [new RunStart { FlowId = _flow, ExecutionKey = key }], Bulk.Each, Context, CancellationToken.None).OutcomesAsync());
        return outcome.Row ?? throw outcome.Error!;
    }

    private async Task EndAsync(FlowExecution run, ExecutionStatus target, RunError? error, string? reason = null)
    {
        var move = new StatusMove<ExecutionStatus>(ExecutionTransitions.Table, target, false, reason);
        ChangeOutcome<FlowExecution> outcome = Assert.Single(await Database.Database.Executions.ChangeAsync(
            move, [new ExecutionChange(run.Id, run.Guard, run, run, new RunValues { Error = error })], Bulk.Each, Context, CancellationToken.None).OutcomesAsync());
        Assert.Equal(OutcomeKind.Changed, outcome.Kind);
    }
}
