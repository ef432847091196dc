using LeoPS.Access;
using LeoPS.Executions;
using LeoPS.Handoffs;
using LeoPS.History;
using LeoPS.Ports;

namespace LeoPS.Units.Connections;

/// <summary>A database that only tells who it is, and whether it was closed.</summary>
internal sealed class FakeDatabase : ILeoDatabase
{
    private readonly TaskCompletionSource _closed = new();
    private int _closings;

    public ServerIdentity Server { get; } = new("leo", "ada", "service_role", "15.18", Encrypted: true);

    public IDirectiveStore Directives => throw new NotSupportedException();

    public ISessionStore Sessions => throw new NotSupportedException();

    public IHandoffStore Handoffs => throw new NotSupportedException();

    public IFlowStore Flows => throw new NotSupportedException();

    public IExecutionStore Executions => throw new NotSupportedException();

    public IHistoryStore<HandoffHistoryEntry, HandoffHistoryQuery> HandoffHistory => throw new NotSupportedException();

    public IHistoryStore<FlowExecutionHistoryEntry, ExecutionHistoryQuery> ExecutionHistory => throw new NotSupportedException();

    public IChangeFeed<HandoffPreparation, HandoffWatch> HandoffFeed => throw new NotSupportedException();

    public IChangeFeed<FlowExecution, ExecutionWatch> ExecutionFeed => throw new NotSupportedException();

    public Task<LeoException?> FindObstacleAsync(PlannedWrite write, CallContext context, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ISchemaStore Schema => throw new NotSupportedException();

    public Task Closed => _closed.Task;

    public int Closings => _closings;

    public Task<ILeoTransaction> BeginAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<DatabaseReport> TestAsync(CallContext context, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync()
    {
        Interlocked.Increment(ref _closings);
        _closed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
