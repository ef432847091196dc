using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>How often the server is asked, counted on the wire.</summary>
public sealed class RoundTripTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    [PostgresFact]
    public async Task A_batch_in_which_nothing_is_odd_takes_one()
    {
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase far = await Database.OpenAsync(proxy);
        CallContext context = ExecutionDatabase.Context;
        // The first of a call looks at the table, too.
        Assert.Equal(2, await CountAsync(proxy, () => StartAsync([ExecutionDatabase.Run()], context: context, store: far.Executions)));
        IReadOnlyList<ChangeOutcome<FlowExecution>> started = [];
        Assert.Equal(1, await CountAsync(proxy, async () => started = await StartAsync(
            Enumerable.Range(0, 500).Select(i => ExecutionDatabase.Run(executionKey: i % 2 == 0 ? $"KEY-{i}" : null, values: new RunValues { InputState = "1" })), context: context, store: far.Executions)));
        AssertEach.Of(started, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        IReadOnlyList<ChangeOutcome<FlowExecution>> done = [];
        Assert.Equal(1, await CountAsync(proxy, async () => done = await ChangeAsync(
            Complete, started.Select((o, i) => i % 2 == 0 ? ExecutionDatabase.Of(o.Row!, new RunValues { OutputState = "2" }) : ExecutionDatabase.Of(o.Row!.Id)), context, far.Executions)));
        AssertEach.Of(done, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        List<Guid> pending = await Database.InsertAsync(500, "pending");
        Assert.Equal(1, await CountAsync(proxy, () => StartAsync(pending.Select(i => ExecutionDatabase.Of(i)), context: context, store: far.Executions)));
        // New ones and queued ones are two statements.
        pending = await Database.InsertAsync(5, "pending");
        Assert.Equal(2, await CountAsync(proxy, () => StartAsync([ExecutionDatabase.Run(), .. pending.Select(i => ExecutionDatabase.Of(i))], context: context, store: far.Executions)));
        Assert.Equal(1, proxy.Connections);
    }

    [PostgresFact]
    public async Task One_odd_row_costs_one_more_look_and_a_long_run_a_transaction_of_its_own()
    {
        List<Guid> ids = await Database.InsertAsync(1000, "running", ("started_at", "case when n = 500 then now() - interval '30 days' else now() end"));
        List<FlowExecution> rows = await Database.ReadAsync();
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase far = await Database.OpenAsync(proxy);
        CallContext context = ExecutionDatabase.Context;
        await StartAsync([ExecutionDatabase.Run(executionKey: "TAKEN")], context: context, store: far.Executions);
        Assert.Equal(2, await CountAsync(proxy, () => StartAsync([ExecutionDatabase.Run(), ExecutionDatabase.Run(executionKey: "TAKEN"), ExecutionDatabase.Run("no-flow")], context: context, store: far.Executions)));
        FlowExecution longOne = rows.MinBy(r => r.StartedAt)!;
        Assert.Equal(2, await CountAsync(proxy, () => ChangeAsync(
            Complete, [.. rows.Where(r => r != longOne).Take(500).Select(r => ExecutionDatabase.Of(r)), ExecutionDatabase.Of(Guid.NewGuid())], context, far.Executions)));
        // The statement, the look, and then: begin with the settings, two steps, commit.
        Assert.InRange(
            await CountAsync(proxy, () => ChangeAsync(Complete, rows.Where(r => r == longOne || rows.IndexOf(r) > 700).Select(r => ExecutionDatabase.Of(r)), context, far.Executions)), 5, 7);
        Assert.Equal(1000, ids.Count);
    }

    private static async Task<int> CountAsync(TcpProxy proxy, Func<Task> work)
    {
        int before = proxy.RoundTrips;
        await work();
        return proxy.RoundTrips - before;
    }
}
