using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Starts and completions in a transaction of the user's own.</summary>
public sealed class TransactionTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    [PostgresFact]
    public async Task A_run_is_queued_started_and_completed_and_all_of_it_lasts_at_the_commit()
    {
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        IExecutionStore store = transaction.Database.Executions;
        FlowExecution queued = (await StartAsync([ExecutionDatabase.Run(executionKey: "KEY")], new RunStartRules(ExecutionStatus.Pending, KeyConflict.Fail, Force: false), store: store))[0].Row!;
        FlowExecution started = (await StartAsync([ExecutionDatabase.Of(queued)], store: store))[0].Row!;
        Assert.Equal(LeoErrorId.DuplicateExecutionKey, (await StartAsync([ExecutionDatabase.Run(executionKey: "KEY")], store: store))[0].Error?.ErrorId);
        IReadOnlyList<ChangeOutcome<FlowExecution>> done = await ChangeAsync(Complete, [ExecutionDatabase.Of(started, new RunValues { OutputState = "1" })], store: store);
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
        await transaction.CommitAsync();
        await AssertAsInTableAsync(done);
        Assert.Equal(0, done[0].Row!.DurationMs);
    }

    [PostgresFact]
    public async Task Rows_that_are_refused_held_or_too_long_leave_the_transaction_usable()
    {
        Guid held = await Database.AddFlowAsync("held");
        List<Guid> ids = await Database.InsertAsync(3, "running", ("started_at", "now() - interval '30 days'"));
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        IExecutionStore store = transaction.Database.Executions;
        await using (await Database.HoldInAsync("crewai_flows", held))
        {
            IReadOnlyList<ChangeOutcome<FlowExecution>> started = await StartAsync(
                [
                    ExecutionDatabase.Run(), ExecutionDatabase.Run(values: new RunValues { InputState = """{"a": "\u0000"}""" }), ExecutionDatabase.Run("held"),
                    ExecutionDatabase.Run(values: new RunValues { InputState = "\"half \ud83d\"" }), ExecutionDatabase.Run(),
                ],
                context: Waiting(TimeSpan.FromMilliseconds(100)),
                store: store);
            Assert.Equal([null, LeoErrorId.InvalidJson, LeoErrorId.RowLocked, LeoErrorId.ValueOutOfRange, null], started.Select(o => o.Error?.ErrorId));
        }

        IReadOnlyList<ChangeOutcome<FlowExecution>> done = await ChangeAsync(
            Complete, [ExecutionDatabase.Of(ids[0]), ExecutionDatabase.Of(ids[1], new RunValues { OutputState = "\"half \ud83d\"" }), ExecutionDatabase.Of(ids[2])], store: store);
        Assert.Equal([null, LeoErrorId.ValueOutOfRange, null], done.Select(o => o.Error?.ErrorId));
        Assert.NotNull(done[2].Note);
        await transaction.CommitAsync();
        await AssertAsInTableAsync([done[0], done[2]]);
        Assert.Equal(2, await Database.ScalarAsync<int>("select execution_count from crewai_flows where flow_key = 'base-flow'"));
    }

    [PostgresFact]
    public async Task A_part_that_is_stopped_between_two_statements_is_stopped_and_taken_back_alone()
    {
        List<Guid> ids = await Database.InsertAsync(4);
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        IExecutionStore store = transaction.Database.Executions;
        Assert.Equal(OutcomeKind.Changed, (await ChangeAsync(Complete, [ExecutionDatabase.Of(ids[0])], store: store))[0].Kind);
        using var stop = new CancellationTokenSource();
        CallContext context = ExecutionDatabase.Context with
        {
            Log = line =>
            {
                if (line.StartsWith("update executions", StringComparison.Ordinal))
                {
                    stop.Cancel();
                }
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => store.ChangeAsync(Complete, [ExecutionDatabase.Of(ids[1]), ExecutionDatabase.Of(ids[2])], new BulkOptions(1, IsAtomic: true), context, stop.Token));
        Assert.Equal(OutcomeKind.Changed, (await ChangeAsync(Complete, [ExecutionDatabase.Of(ids[3])], store: store))[0].Kind);
        await transaction.CommitAsync();
        Assert.Equal([ids[0], ids[3]], await Database.ColumnAsync<Guid>("select id from crewai_flow_executions where status = 'completed' order by id"));
    }
}
