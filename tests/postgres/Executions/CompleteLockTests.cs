using System.Diagnostics;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Runs that others hold, and two that complete the same runs.</summary>
public sealed class CompleteLockTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Held_rows_are_RowLocked_and_the_others_are_done(bool objects)
    {
        List<Guid> ids = await Database.InsertAsync(1000);
        List<FlowExecution> rows = await Database.ReadAsync();
        Guid[] held = [ids[3], ids[500], ids[999]];
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes;
        await using (await Database.HoldAsync(held))
        {
            outcomes = await ChangeAsync(Complete, rows.Select(r => objects ? ExecutionDatabase.Of(r) : ExecutionDatabase.Of(r.Id)), Waiting(Short));
        }

        // Three held rows are waited for once, not three times.
        Assert.InRange(Stopwatch.GetElapsedTime(start), Short, TimeSpan.FromSeconds(5));
        AssertEach.Of(rows.Zip(outcomes), p => Assert.Equal(
            held.Contains(p.First.Id) ? (OutcomeKind.Failed, LeoErrorId.RowLocked) : (OutcomeKind.Changed, null), (p.Second.Kind, p.Second.Error?.ErrorId)));
        Assert.Contains(rows[500].ExecutionKey, outcomes[500].Error!.Message, StringComparison.Ordinal);
        await AssertAsInTableAsync(outcomes.Where(o => o.Row is not null));
        Assert.Equal(3, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'running'"));
    }

    [PostgresFact]
    public async Task A_row_that_was_completed_during_the_wait_is_a_conflict_for_its_object_and_there_already_for_its_id()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        FlowExecution read = await Database.ReadAsync(ids[0]);
        await using NpgsqlConnection holder = await Database.HoldAsync([.. ids]);
        Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> change = Task.Run(
            () => ChangeAsync(Complete, [ExecutionDatabase.Of(read), ExecutionDatabase.Of(ids[1]), ExecutionDatabase.Of(ids[2], new RunValues { OutputState = "1" })]));
        await Database.WaitUntilRunningAsync(1);
        await using var command = new NpgsqlCommand("update crewai_flow_executions set status = 'completed', output_state = '2'; commit", holder);
        await command.ExecuteNonQueryAsync();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await change;
        Assert.Equal([LeoErrorId.StatusConflict, null, LeoErrorId.InvalidTransition], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Equal((OutcomeKind.Unchanged, "2"), (outcomes[1].Kind, outcomes[1].Row!.RawOutputState));
    }

    [PostgresFact]
    public async Task Opposed_batches_end_without_a_deadlock_and_each_run_is_completed_by_one()
    {
        await Database.InsertAsync(3000);
        List<FlowExecution> rows = await Database.ReadAsync();
        await using ILeoDatabase other = await Database.OpenAsync(s => s);
        Task<List<ChangeOutcome<FlowExecution>>> forward = Task.Run(() => PipeAsync(Database.Database, rows, "1"));
        Task<List<ChangeOutcome<FlowExecution>>> backward = Task.Run(() => PipeAsync(other, Enumerable.Reverse(rows), "2"));
        List<ChangeOutcome<FlowExecution>> first = await forward;
        List<ChangeOutcome<FlowExecution>> second = Enumerable.Reverse(await backward).ToList();
        Dictionary<Guid, string?> outputs = (await Database.ReadAsync()).ToDictionary(r => r.Id, r => r.RawOutputState);
        for (int i = 0; i < rows.Count; i++)
        {
            ChangeOutcome<FlowExecution>[] both = [first[i], second[i]];
            ChangeOutcome<FlowExecution> winner = Assert.Single(both, o => o.Kind == OutcomeKind.Changed);
            Assert.Equal(LeoErrorId.StatusConflict, Assert.Single(both, o => o != winner).Error?.ErrorId);
            Assert.Equal((winner == first[i] ? "1" : "2", winner.Row!.RawOutputState), (outputs[rows[i].Id], outputs[rows[i].Id]));
        }
    }

    [PostgresFact]
    public async Task A_deadlock_with_a_strangers_transaction_does_not_reach_the_caller()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        await Database.RunAsync("cluster crewai_flow_executions using crewai_flow_executions_pkey");
        var logs = new List<string>();
        await using NpgsqlConnection stranger = await Database.HoldAsync(ids[1]);
        // Ours takes the first row and waits for the second; then the stranger wants the first.
        Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> change = Task.Run(
            () => ChangeAsync(Complete, ids.Select(i => ExecutionDatabase.Of(i)), ExecutionDatabase.Context with { Log = logs.Add }));
        await Database.WaitUntilRunningAsync(1);
        await using (var command = new NpgsqlCommand("set local deadlock_timeout = '60s'", stranger))
        {
            await command.ExecuteNonQueryAsync();
            command.CommandText = $"select from crewai_flow_executions where id = '{ids[0]}' for update";
            await command.ExecuteNonQueryAsync();
            command.CommandText = "commit";
            await command.ExecuteNonQueryAsync();
        }

        AssertEach.Of(await change, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Contains(logs, l => l.Contains("40P01", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task Cancelling_a_completion_that_waits_changes_nothing()
    {
        List<Guid> ids = await Database.InsertAsync(100);
        string before = await Database.FingerprintAsync();
        await using NpgsqlConnection holder = await Database.HoldAsync(ids[50]);
        using var stop = new CancellationTokenSource();
        Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> change = Task.Run(
            () => Store.ChangeAsync(Complete, [.. ids.Select(i => ExecutionDatabase.Of(i))], Bulk.Each, ExecutionDatabase.Context, stop.Token).OutcomesAsync());
        await Database.WaitUntilRunningAsync(1);
        await stop.CancelAsync();
        Assert.Null((await Assert.ThrowsAnyAsync<OperationCanceledException>(() => change)).InnerException);
        Assert.Equal(0, await Database.RunningAsync());
        Assert.Equal(before, await Database.FingerprintAsync());
    }

    /// <summary>As the cmdlet does it: in batches, several on their way.</summary>
    private static Task<List<ChangeOutcome<FlowExecution>>> PipeAsync(ILeoDatabase database, IEnumerable<FlowExecution> rows, string output)
    {
        CallContext context = ExecutionDatabase.Context;
        using var pipeline = new ChangePipeline<ExecutionChange, FlowExecution>(
            (batch, token) => database.Executions.ChangeAsync(Complete, batch, Bulk.Each, context, token).OutcomesAsync(), new ChangePipelineOptions { Noun = "execution", BatchSize = 500 }, CancellationToken.None);
        var outcomes = new List<ChangeOutcome<FlowExecution>>();
        foreach (FlowExecution row in rows)
        {
            pipeline.Add(ExecutionDatabase.Of(row, new RunValues { OutputState = output }));
            outcomes.AddRange(pipeline.TakeFinished().SelectMany(b => b.Outcomes));
        }

        outcomes.AddRange(pipeline.Complete().SelectMany(b => b.Outcomes));
        return Task.FromResult(outcomes);
    }
}
