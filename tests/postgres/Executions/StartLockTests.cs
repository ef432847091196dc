using System.Diagnostics;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Runs of flows whose counter somebody else holds or wants.</summary>
public sealed class StartLockTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    [PostgresFact]
    public async Task Runs_of_a_held_flow_are_RowLocked_and_the_others_start()
    {
        Guid held = await Database.AddFlowAsync("held");
        await Database.AddFlowAsync("free");
        RunStart[] starts =
        [
            .. Enumerable.Range(0, 300).Select(i => (i % 4) switch
            {
                0 => ExecutionDatabase.Run("held"),
                1 => ExecutionDatabase.Run("free", i % 8 == 1 ? $"KEY-{i}" : null),
                2 => ExecutionDatabase.Run(null, flowId: held),
                _ => ExecutionDatabase.Run(),
            }),
        ];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes;
        long began = Stopwatch.GetTimestamp();
        await using (await Database.HoldInAsync("crewai_flows", held))
        {
            outcomes = await StartAsync(starts, context: Waiting(Short));
        }

        // The held flow is waited for a few times, and not for each of its runs.
        Assert.InRange(Stopwatch.GetElapsedTime(began), Short, TimeSpan.FromSeconds(5));
        for (int i = 0; i < starts.Length; i++)
        {
            Assert.Equal(i % 2 == 0 ? (OutcomeKind.Failed, LeoErrorId.RowLocked) : (OutcomeKind.Changed, null), (outcomes[i].Kind, outcomes[i].Error?.ErrorId));
        }

        Assert.Contains("Flow held is locked", outcomes[0].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("0.15 s", outcomes[0].Error!.Message, StringComparison.Ordinal);
        Assert.Equal(["base-flow 75", "free 75", "held 0"], await CountsAsync());
        Assert.Equal(150, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Beside_a_held_flow_bad_rows_and_taken_keys_are_told_and_no_run_is_made_twice(bool deadlock)
    {
        // The held flow is met first, so that the refusal comes only when the flows are done one by one, behind runs that were made.
        var held = Guid.Parse("00000000-0000-0000-0000-000000000001");
        await Database.AddFlowAsync("held");
        await Database.AddFlowAsync("bad");
        await Database.InsertAsync(1, "completed", ("execution_key", "'TAKEN'"));
        await Database.RunAsync($"""
            update crewai_flows set id = '{held}' where flow_key = 'held';
            update crewai_flows set id = 'ffffffff-0000-0000-0000-000000000001' where flow_key = 'bad';
            create sequence tries;
            create function meddle() returns trigger language plpgsql as $$ begin
              if new.execution_key = 'BAD'{(deadlock ? " and nextval('tries') <= 2" : "")} then raise exception 'no' using errcode = '{(deadlock ? "40P01" : "P0001")}'; end if;
              return null;
            end $$;
            create trigger meddle after insert on crewai_flow_executions for each row execute function meddle()
            """);
        RunStart[] starts =
        [
            .. Enumerable.Range(0, 10).Select(_ => ExecutionDatabase.Run()), .. Enumerable.Range(0, 10).Select(i => ExecutionDatabase.Run(executionKey: $"OWN-{i}")),
            ExecutionDatabase.Run(executionKey: "TAKEN"), .. Enumerable.Range(0, 5).Select(_ => ExecutionDatabase.Run("bad")), ExecutionDatabase.Run("bad", "BAD"),
            .. Enumerable.Range(0, 5).Select(_ => ExecutionDatabase.Run("held")),
        ];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes;
        await using (await Database.HoldInAsync("crewai_flows", held))
        {
            outcomes = await StartAsync(starts, context: Waiting(Short));
        }

        AssertEach.Of(outcomes.Take(20), o => Assert.Equal((OutcomeKind.Changed, null), (o.Kind, o.Error?.ErrorId)));
        Assert.Equal(LeoErrorId.DuplicateExecutionKey, outcomes[20].Error?.ErrorId);
        AssertEach.Of(outcomes.Skip(21).Take(5), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Equal(deadlock ? null : LeoErrorId.Forbidden, outcomes[26].Error?.ErrorId);
        AssertEach.Of(outcomes.Skip(27), o => Assert.Equal(LeoErrorId.RowLocked, o.Error?.ErrorId));
        Assert.Equal([$"bad {(deadlock ? 6 : 5)}", "base-flow 20", "held 0"], await CountsAsync());
        await AssertAsInTableAsync(outcomes.Where(o => o.Kind == OutcomeKind.Changed));
    }

    [PostgresFact]
    public async Task A_flow_that_comes_free_during_the_wait_starts()
    {
        NpgsqlConnection holder = await Database.HoldInAsync("crewai_flows", ExecutionDatabase.FlowId);
        Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> start = Task.Run(() => StartAsync([ExecutionDatabase.Run(), ExecutionDatabase.Run()]));
        await Database.WaitUntilRunningAsync(1);
        await holder.DisposeAsync();
        AssertEach.Of(await start, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Equal(["base-flow 2"], await CountsAsync());
    }

    [PostgresFact]
    public async Task A_held_flow_whose_run_would_not_start_anyway_is_not_called_locked()
    {
        Guid held = await Database.AddFlowAsync("held", "archived");
        await using (await Database.HoldInAsync("crewai_flows", held, ExecutionDatabase.FlowId))
        {
            IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
                [ExecutionDatabase.Run("held"), ExecutionDatabase.Run("no-flow"), ExecutionDatabase.Run()], context: Waiting(Short));
            Assert.Equal([LeoErrorId.FlowNotRunnable, LeoErrorId.FlowNotFound, LeoErrorId.RowLocked], outcomes.Select(o => o.Error!.ErrorId));
        }
    }

    [PostgresFact]
    public async Task Opposed_orders_of_flows_from_several_callers_start_every_run_once()
    {
        string[] flows = [.. Enumerable.Range(0, 6).Select(i => $"flow-{i}")];
        await Task.WhenAll(flows.Select(f => Database.AddFlowAsync(f)));
        await using ILeoDatabase other = await Database.OpenAsync(s => s);
        IReadOnlyList<ChangeOutcome<FlowExecution>>[] calls = await Task.WhenAll(Enumerable.Range(0, 6).Select(caller => Task.Run(async () =>
        {
            var outcomes = new List<ChangeOutcome<FlowExecution>>();
            IEnumerable<string> order = caller % 2 == 0 ? flows : flows.Reverse();
            for (int batch = 0; batch < 4; batch++)
            {
                IExecutionStore store = caller < 3 ? Store : other.Executions;
                IEnumerable<RunStart> starts = order.SelectMany(f => Enumerable.Range(0, 10).Select(_ => ExecutionDatabase.Run(f)));
                outcomes.AddRange(caller == 5
                    ? (await StartAtomicallyAsync(starts, batchSize: 7, store: store)).Outcomes
                    : await StartAsync(starts, store: store));
            }

            return (IReadOnlyList<ChangeOutcome<FlowExecution>>)outcomes;
        })));
        AssertEach.Of(calls.SelectMany(c => c), o => Assert.Equal((OutcomeKind.Changed, null), (o.Kind, o.Error?.Message)));
        Assert.Equal(["base-flow 0", .. flows.Select(f => $"{f} 240")], await CountsAsync());
        Assert.Equal(1440, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }

    [PostgresFact]
    public async Task A_deadlock_with_a_strangers_transaction_does_not_reach_the_caller()
    {
        Guid[] flows = [.. new[] { await Database.AddFlowAsync("one"), await Database.AddFlowAsync("two") }.Order()];
        var logs = new List<string>();
        await using NpgsqlConnection stranger = await Database.HoldInAsync("crewai_flows", flows[1]);
        // Ours counts the first flow up and waits for the second; then the stranger wants the first.
        Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> start = Task.Run(() => StartAsync(
            flows.Select(f => ExecutionDatabase.Run(null, flowId: f)), context: ExecutionDatabase.Context with { Log = logs.Add }));
        await Database.WaitUntilRunningAsync(1);
        await using (var command = new NpgsqlCommand("set local deadlock_timeout = '60s'", stranger))
        {
            await command.ExecuteNonQueryAsync();
            command.CommandText = $"select from crewai_flows where id = '{flows[0]}' for update";
            await command.ExecuteNonQueryAsync();
            command.CommandText = "commit";
            await command.ExecuteNonQueryAsync();
        }

        AssertEach.Of(await start, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Contains(logs, l => l.Contains("40P01", StringComparison.Ordinal));
        Assert.Equal(["base-flow 0", "one 1", "two 1"], await CountsAsync());
    }

    [PostgresFact]
    public async Task Under_serializable_isolation_runs_of_one_flow_still_all_start()
    {
        await Database.RunAsync("do $$ begin execute format('alter database %I set default_transaction_isolation to serializable', current_database()); end $$");
        await using ILeoDatabase strict = await Database.OpenAsync(s => s);
        IReadOnlyList<ChangeOutcome<FlowExecution>>[] calls = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(
            () => StartAsync(Enumerable.Range(0, 20).Select(_ => ExecutionDatabase.Run()), store: strict.Executions))));
        AssertEach.Of(calls.SelectMany(c => c), o => Assert.Equal((OutcomeKind.Changed, null), (o.Kind, o.Error?.Message)));
        Assert.Equal(["base-flow 60"], await CountsAsync());
    }

    [PostgresFact]
    public async Task Cancelling_a_start_that_waits_makes_no_run()
    {
        await using NpgsqlConnection holder = await Database.HoldInAsync("crewai_flows", ExecutionDatabase.FlowId);
        using var stop = new CancellationTokenSource();
        Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> start = Task.Run(() => Store.StartAsync(
            ExecutionDatabase.Starting(), [ExecutionDatabase.Run()], Bulk.Each, ExecutionDatabase.Context, stop.Token).OutcomesAsync());
        await Database.WaitUntilRunningAsync(1);
        await stop.CancelAsync();
        Assert.Null((await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start)).InnerException);
        Assert.Equal(0, await Database.RunningAsync());
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }

    private Task<List<string>> CountsAsync() => Database.ColumnAsync<string>("select flow_key || ' ' || execution_count from crewai_flows order by flow_key");
}
