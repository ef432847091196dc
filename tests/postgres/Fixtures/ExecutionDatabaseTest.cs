using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A test class each of whose tests gets a database with a flow.</summary>
public abstract class ExecutionDatabaseTest(PostgresServer server) : DatabaseTest<ExecutionDatabase>(() => ExecutionDatabase.CreateAsync(server))
{
    private protected static readonly StatusMove<ExecutionStatus> Complete = ExecutionDatabase.MoveTo(ExecutionStatus.Completed);

    private protected IExecutionStore Store => Database.Store;

    /// <summary>Starts runs in one batch.</summary>
    private protected Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> StartAsync(
        IEnumerable<IRowChange<Guid>> batch, RunStartRules? rules = null, CallContext? context = null, IExecutionStore? store = null) =>
        (store ?? Store).StartAsync(rules ?? ExecutionDatabase.Starting(), [.. batch], Bulk.Each, context ?? ExecutionDatabase.Context, CancellationToken.None).OutcomesAsync();

    /// <summary>Starts one run that starts.</summary>
    private protected async Task<FlowExecution> StartOneAsync(RunStart start)
    {
        ChangeOutcome<FlowExecution> outcome = Assert.Single(await StartAsync([start]));
        Assert.Equal((OutcomeKind.Changed, null), (outcome.Kind, outcome.Error?.Message));
        return outcome.Row!;
    }

    /// <summary>Starts runs in one transaction.</summary>
    private protected Task<BulkResult<FlowExecution>> StartAtomicallyAsync(
        IEnumerable<IRowChange<Guid>> changes, RunStartRules? rules = null, int batchSize = 1000, CallContext? context = null, IExecutionStore? store = null) =>
        (store ?? Store).StartAsync(rules ?? ExecutionDatabase.Starting(), [.. changes], new BulkOptions(batchSize, IsAtomic: true), context ?? ExecutionDatabase.Context, CancellationToken.None);

    /// <summary>Moves rows in one batch.</summary>
    private protected Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ChangeAsync(
        StatusMove<ExecutionStatus> move, IEnumerable<ExecutionChange> changes, CallContext? context = null, IExecutionStore? store = null) =>
        (store ?? Store).ChangeAsync(move, [.. changes], Bulk.Each, context ?? ExecutionDatabase.Context, CancellationToken.None).OutcomesAsync();

    /// <summary>Moves rows in one transaction.</summary>
    private protected Task<BulkResult<FlowExecution>> ChangeAtomicallyAsync(
        StatusMove<ExecutionStatus> move, IEnumerable<ExecutionChange> changes, int batchSize = 1000, CallContext? context = null, IExecutionStore? store = null) =>
        (store ?? Store).ChangeAsync(move, [.. changes], new BulkOptions(batchSize, IsAtomic: true), context ?? ExecutionDatabase.Context, CancellationToken.None);

    /// <summary>Waits until something is so; at most five seconds.</summary>
    private protected static async Task WaitUntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        while (!await condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>What is in the table is what came out, to the last column; the order of the outcomes does not matter.</summary>
    private protected async Task AssertAsInTableAsync(IEnumerable<ChangeOutcome<FlowExecution>> outcomes)
    {
        List<FlowExecution> shown = [.. outcomes.Select(o => o.Row!).OrderBy(r => r.Id)];
        List<FlowExecution> there = await Database.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { Ids = shown.ConvertAll(r => r.Id) } });
        Assert.Equal(there.Select(ExecutionJson.Line), shown.Select(ExecutionJson.Line));
    }

    /// <summary>A context whose waits are short.</summary>
    private protected static CallContext Waiting(TimeSpan lockTimeout) => ExecutionDatabase.Context with { LockTimeout = lockTimeout };
}
