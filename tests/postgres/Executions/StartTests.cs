using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>New runs: of which flows, in which order, and what is counted.</summary>
[Trait("Category", "Core")]
public sealed class StartTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    [PostgresFact]
    public async Task A_new_run_goes_from_now_on_and_is_given_as_it_is_in_the_table()
    {
        RunStart start = ExecutionDatabase.Run();
        var began = new DateTimeOffset(await Database.ScalarAsync<DateTime>("select clock_timestamp()"));
        ChangeOutcome<FlowExecution> outcome = Assert.Single(await StartAsync([start]));
        FlowExecution run = outcome.Row!;
        Assert.Equal((OutcomeKind.Changed, start.Source, null), (outcome.Kind, outcome.Source, outcome.Error?.Message));
        Assert.Equal((start.Id, ExecutionDatabase.FlowId, ExecutionDatabase.FlowKey, ExecutionDatabase.FlowName), (run.Id, run.FlowId, run.FlowKey, run.FlowName));
        Assert.Equal((ExecutionStatus.Running, ExecutionMode.Manual, true), (run.Status, run.ExecutionMode, run.IsNew));
        Assert.InRange(run.StartedAt!.Value, began, new DateTimeOffset(await Database.ScalarAsync<DateTime>("select clock_timestamp()")));
        AssertEach.Of([run.RawInputState, run.RawOutputState, run.RawMetadata, run.ErrorMessage, run.CompletedAt?.ToString(), run.DurationMs?.ToString(), run.ExecutedBy?.ToString()], Assert.Null);
        await AssertAsInTableAsync([outcome]);
        // What came out can be completed without being read again.
        Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(Complete, [ExecutionDatabase.Of(run)])).Kind);
    }

    [PostgresFact]
    public async Task A_queued_run_is_pending_since_now()
    {
        FlowExecution run = Assert.Single(await StartAsync([ExecutionDatabase.Run()], new RunStartRules(ExecutionStatus.Pending, KeyConflict.Fail, Force: false))).Row!;
        Assert.Equal((ExecutionStatus.Pending, true), (run.Status, run.IsNew));
        Assert.InRange(DateTimeOffset.UtcNow - run.StartedAt!.Value, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(30));
    }

    [PostgresFact]
    public async Task Draft_and_active_flows_start_and_others_only_by_force()
    {
        foreach (string status in new[] { "draft", "active", "archived", "deprecated" })
        {
            await Database.AddFlowAsync(status, status);
        }

        await Database.AddFlowAsync("without", status: null);
        string[] keys = ["draft", "archived", "active", "deprecated", "without"];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(keys.Select(k => ExecutionDatabase.Run(k)));
        Assert.Equal(
            [null, LeoErrorId.FlowNotRunnable, null, LeoErrorId.FlowNotRunnable, LeoErrorId.FlowNotRunnable], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Equal(["draft", "active"], outcomes.Where(o => o.Kind == OutcomeKind.Changed).Select(o => o.Row!.FlowKey));
        Assert.Contains("archived is Archived", outcomes[1].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("without is without a status", outcomes[4].Error!.Message, StringComparison.Ordinal);
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
        outcomes = await StartAsync(keys.Select(k => ExecutionDatabase.Run(k)), ExecutionDatabase.Starting(force: true));
        Assert.Equal(keys, outcomes.Select(o => o.Row!.FlowKey));
    }

    [PostgresFact]
    public async Task A_flow_that_is_not_there_is_FlowNotFound_by_key_and_by_id_and_the_others_start()
    {
        var nobody = Guid.NewGuid();
        foreach (bool force in new[] { false, true })
        {
            IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
                [
                    ExecutionDatabase.Run(), ExecutionDatabase.Run("no-flow"), ExecutionDatabase.Run(null, flowId: nobody), ExecutionDatabase.Run("BASE-FLOW"),
                    ExecutionDatabase.Run(null, flowId: ExecutionDatabase.FlowId), new RunStart { FlowKey = "it's \"gone\" \0 " },
                ],
                ExecutionDatabase.Starting(force: force));
            Assert.Equal([0, 4], Enumerable.Range(0, 6).Where(i => outcomes[i].Kind == OutcomeKind.Changed));
            AssertEach.Of([1, 2, 3], i => Assert.Equal(LeoErrorId.FlowNotFound, outcomes[i].Error?.ErrorId));
            Assert.Contains("no-flow", outcomes[1].Error!.Message, StringComparison.Ordinal);
            Assert.Contains(nobody.ToString(), outcomes[2].Error!.Message, StringComparison.Ordinal);
            // No column holds a NUL, so no flow has that key; the server refuses to look for it.
            Assert.Equal(OutcomeKind.Failed, outcomes[5].Kind);
        }
    }

    [PostgresFact]
    public async Task Outcomes_come_in_the_order_given_whatever_became_of_each()
    {
        Guid other = await Database.AddFlowAsync("other-flow");
        List<Guid> pending = await Database.InsertAsync(20, "pending");
        await Database.AddFlowAsync("archived", "archived");
        IRowChange<Guid>[] batch =
        [
            .. Enumerable.Range(0, 300).Select(i => (i % 6) switch
            {
                0 => ExecutionDatabase.Run("no-flow"),
                1 => ExecutionDatabase.Run("other-flow", $"KEY-{i}"),
                2 => (IRowChange<Guid>)ExecutionDatabase.Of(i < 120 ? pending[i / 6] : Guid.NewGuid()),
                3 => ExecutionDatabase.Run(null, flowId: other),
                4 => ExecutionDatabase.Run("archived"),
                _ => ExecutionDatabase.Run(),
            }),
        ];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(batch);
        Assert.Equal(batch.Select(b => b.Source), outcomes.Select(o => o.Source));
        for (int i = 0; i < batch.Length; i++)
        {
            string expected = (i % 6) switch
            {
                0 => nameof(LeoErrorId.FlowNotFound),
                1 => $"other-flow KEY-{i} new",
                2 => i < 120 ? $"{ExecutionDatabase.FlowKey} {pending[i / 6]} old" : nameof(LeoErrorId.NotFound),
                3 => "other-flow new",
                4 => nameof(LeoErrorId.FlowNotRunnable),
                _ => $"{ExecutionDatabase.FlowKey} new",
            };
            ChangeOutcome<FlowExecution> outcome = outcomes[i];
            string name = (i % 6) switch { 1 => $" {outcome.Row?.ExecutionKey}", 2 => $" {outcome.Row?.Id}", _ => "" };
            Assert.Equal(expected, outcome.Error?.ErrorId.ToString() ?? $"{outcome.Row!.FlowKey}{name} {(outcome.Row.IsNew ? "new" : "old")}");
        }
    }

    [PostgresFact]
    public async Task Every_flow_counts_its_runs_and_knows_the_last()
    {
        Guid[] flows = [ExecutionDatabase.FlowId, await Database.AddFlowAsync("b"), await Database.AddFlowAsync("c", "draft"), await Database.AddFlowAsync("idle")];
        await Database.RunAsync($"update crewai_flows set execution_count = null where id = '{flows[1]}'");
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(Enumerable.Range(0, 1000).Select(i => ExecutionDatabase.Run(null, flowId: flows[i % 10 < 7 ? 0 : i % 10 - 7])));
        AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Equal([800, 100, 100, 0], await Database.ColumnAsync<int>($"select execution_count from crewai_flows order by array_position('{{{string.Join(',', flows)}}}', id)"));
        Assert.Equal(
            await Database.ScalarAsync<DateTime>("select max(started_at) from crewai_flow_executions"),
            await Database.ScalarAsync<DateTime>("select last_executed_at from crewai_flows where flow_key = 'c'"));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(*) from crewai_flows where last_executed_at is null"));
    }

    [PostgresFact]
    public async Task A_batch_locks_its_flows_in_the_order_of_their_ids()
    {
        Guid[] flows = [.. (await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Database.AddFlowAsync($"flow-{i}")))).Order()];
        await Database.RunAsync("""
            create table met (place serial, flow_id uuid);
            create function meet() returns trigger language plpgsql as $$ begin insert into met (flow_id) values (new.id); return new; end $$;
            create trigger meet before update on crewai_flows for each row execute function meet()
            """);
        IEnumerable<RunStart> starts = Enumerable.Range(0, 36).Select(i => i % 2 == 0 ? ExecutionDatabase.Run($"flow-{i * 7 % 12}") : ExecutionDatabase.Run(null, flowId: flows[i * 5 % 12]));
        AssertEach.Of(await StartAsync(starts), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        List<Guid> met = await Database.ColumnAsync<Guid>("select flow_id from met order by place");
        Assert.Equal(36, met.Count);
        Assert.Equal(met.Order(), met);
        // In one transaction they are so from part to part.
        await Database.RunAsync("truncate met");
        Assert.True((await StartAtomicallyAsync(Enumerable.Range(0, 36).Select(i => i % 2 == 0 ? ExecutionDatabase.Run($"flow-{i * 7 % 12}") : ExecutionDatabase.Run(null, flowId: flows[i * 5 % 12])), batchSize: 5)).Committed);
        met = await Database.ColumnAsync<Guid>("select flow_id from met order by place");
        Assert.Equal(36, met.Count);
        Assert.Equal(met.Order(), met);
    }

    [PostgresFact]
    public async Task A_look_tells_flow_key_status_and_whoever_has_the_key()
    {
        Guid archived = await Database.AddFlowAsync("archived", "archived");
        FlowExecution taken = await StartOneAsync(ExecutionDatabase.Run(executionKey: "TAKEN", values: new RunValues { InputState = """{"a": 1.10, "b": [null]}""" }));
        IReadOnlyList<StartSight> sights = await Store.LookAsync(
            [
                ExecutionDatabase.Run(), ExecutionDatabase.Run("no-flow"), ExecutionDatabase.Run(null, flowId: archived),
                ExecutionDatabase.Run("archived", "TAKEN", new RunValues { InputState = """{"b":[null],"a":1.1}""" }), ExecutionDatabase.Run("no-flow", "TAKEN"),
            ],
            ExecutionDatabase.Context,
            CancellationToken.None);
        Assert.Equal([ExecutionDatabase.FlowKey, null, "archived", "archived", null], sights.Select(s => s.FlowKey));
        Assert.Equal([ExecutionDatabase.FlowId, null, archived, archived, null], sights.Select(s => s.FlowId));
        Assert.Equal([FlowStatus.Active, null, FlowStatus.Archived, FlowStatus.Archived, null], sights.Select(s => s.FlowStatus));
        Assert.Equal([null, null, null, taken.Id, taken.Id], sights.Select(s => s.Existing?.Id));
        Assert.Equal([true, false], sights.Skip(3).Select(s => s.SameInput));
        Assert.Equal(ExecutionJson.Line(taken), ExecutionJson.Line(sights[3].Existing!));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }
}
