using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>All runs or none.</summary>
public sealed class StartAtomicTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    [PostgresTheory]
    [InlineData(1, 20)]
    [InlineData(130, 600)]
    [InlineData(5000, 600)]
    public async Task All_runs_start_in_one_transaction_and_come_in_the_order_given(int batchSize, int count)
    {
        string[] flows = ["a-flow", "b-flow", "c-flow"];
        await Task.WhenAll(flows.Select(f => Database.AddFlowAsync(f)));
        List<Guid> pending = await Database.InsertAsync(count / 4, "pending");
        IRowChange<Guid>[] changes = [.. Enumerable.Range(0, count).Select(i => i % 4 == 3 ? ExecutionDatabase.Of(pending[i / 4]) : (IRowChange<Guid>)ExecutionDatabase.Run(flows[i % 3], $"KEY-{i}"))];
        BulkResult<FlowExecution> result = await StartAtomicallyAsync(changes, batchSize: batchSize);
        Assert.True(result.Committed);
        Assert.Equal(changes.Select(c => c.Source), result.Outcomes.Select(o => o.Source));
        AssertEach.Of(result.Outcomes, o => Assert.Equal((OutcomeKind.Changed, ExecutionStatus.Running), (o.Kind, o.Row!.Status)));
        AssertEach.Of(Enumerable.Range(0, count), i => Assert.Equal(i % 4 == 3 ? pending[i / 4].ToString() : $"KEY-{i}", i % 4 == 3 ? result.Outcomes[i].Row!.Id.ToString() : result.Outcomes[i].Row!.ExecutionKey));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(distinct started_at) from crewai_flow_executions"));
        await AssertAsInTableAsync(result.Outcomes);
        // What came out can be completed: its version is the committed row's.
        Assert.True((await ChangeAtomicallyAsync(Complete, result.Outcomes.Select(o => ExecutionDatabase.Of(o.Row!)))).Committed);
    }

    [PostgresFact]
    public async Task Every_bad_row_is_told_by_its_own_error_and_nothing_is_started()
    {
        await Database.AddFlowAsync("archived", "archived");
        List<Guid> pending = await Database.InsertAsync(3, "pending");
        await Database.InsertAsync(1, "completed", ("execution_key", "'TAKEN'"));
        await Database.RunAsync($"update crewai_flow_executions set status = 'cancelled' where id = '{pending[1]}'");
        string before = await Database.FingerprintAsync();
        var missing = Guid.NewGuid();
        IRowChange<Guid>[] changes =
        [
            ExecutionDatabase.Of(pending[0]), ExecutionDatabase.Run(), ExecutionDatabase.Run("no-flow"), ExecutionDatabase.Of(pending[1]), ExecutionDatabase.Run("archived"),
            ExecutionDatabase.Run(executionKey: "TAKEN"), ExecutionDatabase.Run(executionKey: "TWICE"), ExecutionDatabase.Run(executionKey: "TWICE"),
            ExecutionDatabase.Run(values: new RunValues { InputState = """{"a": "\u0000"}""" }), ExecutionDatabase.Of(missing), ExecutionDatabase.Run(),
            ExecutionDatabase.Run(values: new RunValues { InputState = "\"\ud83d\"" }), ExecutionDatabase.Of(pending[2]),
        ];
        foreach (int batchSize in new[] { 1, 4, 100 })
        {
            BulkResult<FlowExecution> result = await StartAtomicallyAsync(changes, batchSize: batchSize);
            Assert.False(result.Committed);
            Assert.Equal(
                [
                    null, null, LeoErrorId.FlowNotFound, LeoErrorId.InvalidTransition, LeoErrorId.FlowNotRunnable, LeoErrorId.DuplicateExecutionKey, null,
                    LeoErrorId.DuplicateExecutionKey, LeoErrorId.InvalidJson, LeoErrorId.NotFound, null, LeoErrorId.ValueOutOfRange, null,
                ],
                result.Outcomes.Select(o => o.Error?.ErrorId));
            Assert.Equal(changes.Select(c => c.Source), result.Outcomes.Select(o => o.Source));
            Assert.Equal(before, await Database.FingerprintAsync());
            Assert.Equal(0, await Database.ScalarAsync<int>("select sum(execution_count)::int from crewai_flows"));
        }
    }

    [PostgresFact]
    public async Task A_run_that_is_there_already_does_not_stand_in_the_way()
    {
        FlowExecution there = await StartOneAsync(ExecutionDatabase.Run(executionKey: "KEY"));
        BulkResult<FlowExecution> result = await StartAtomicallyAsync(
            [ExecutionDatabase.Run(executionKey: "NEW"), ExecutionDatabase.Run(executionKey: "KEY"), ExecutionDatabase.Run(executionKey: "NEW")],
            ExecutionDatabase.Starting(KeyConflict.UseExisting),
            batchSize: 2);
        Assert.True(result.Committed);
        Assert.Equal([(OutcomeKind.Changed, true), (OutcomeKind.Unchanged, false), (OutcomeKind.Unchanged, false)], result.Outcomes.Select(o => (o.Kind, o.Row!.IsNew)));
        Assert.Equal(there.Id, result.Outcomes[1].Row!.Id);
        Assert.Equal(result.Outcomes[0].Row!.Id, result.Outcomes[2].Row!.Id);
    }

    [PostgresFact]
    public async Task A_held_flow_is_RowLocked_for_its_runs_and_nothing_starts()
    {
        Guid held = await Database.AddFlowAsync("held");
        await using (await Database.HoldInAsync("crewai_flows", held))
        {
            BulkResult<FlowExecution> result = await StartAtomicallyAsync(
                [ExecutionDatabase.Run(), ExecutionDatabase.Run("held"), ExecutionDatabase.Run(), ExecutionDatabase.Run("held")], batchSize: 3, context: Waiting(TimeSpan.FromMilliseconds(100)));
            Assert.False(result.Committed);
            Assert.Equal([null, LeoErrorId.RowLocked, null, LeoErrorId.RowLocked], result.Outcomes.Select(o => o.Error?.ErrorId));
        }

        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
        Assert.Equal(0, await Database.RunningAsync());
    }

    [PostgresFact]
    public async Task Under_serializable_isolation_opposed_transactions_both_commit()
    {
        await Database.RunAsync("do $$ begin execute format('alter database %I set default_transaction_isolation to serializable', current_database()); end $$");
        await Database.AddFlowAsync("other-flow");
        await using Ports.ILeoDatabase strict = await Database.OpenAsync(s => s);
        string[] order = ["other-flow", ExecutionDatabase.FlowKey];
        BulkResult<FlowExecution>[] results = await Task.WhenAll(Enumerable.Range(0, 2).Select(caller => Task.Run(() => StartAtomicallyAsync(
            (caller == 0 ? order : order.Reverse()).SelectMany(f => Enumerable.Range(0, 20).Select(_ => ExecutionDatabase.Run(f))), batchSize: 10, store: strict.Executions))));
        AssertEach.Of(results, r => Assert.True(r.Committed));
        Assert.Equal([40, 40], await Database.ColumnAsync<int>("select execution_count from crewai_flows"));
    }
}
