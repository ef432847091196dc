using LeoPS.Access;
using LeoPS.Executions;
using LeoPS.Handoffs;
using LeoPS.History;

namespace LeoPS.Ports;

/// <summary>An open database: a pool of connections and the stores that use it. Safe for several threads.</summary>
public interface ILeoDatabase : IAsyncDisposable
{
    /// <summary>Who answered when the connection was opened.</summary>
    ServerIdentity Server { get; }

    /// <summary>strategic_directives_v2.</summary>
    IDirectiveStore Directives { get; }

    /// <summary>exec_implementation_sessions.</summary>
    ISessionStore Sessions { get; }

    /// <summary>exec_handoff_preparations.</summary>
    IHandoffStore Handoffs { get; }

    /// <summary>crewai_flows.</summary>
    IFlowStore Flows { get; }

    /// <summary>crewai_flow_executions.</summary>
    IExecutionStore Executions { get; }

    /// <summary>The status changes of exec_handoff_preparations.</summary>
    IHistoryStore<HandoffHistoryEntry, HandoffHistoryQuery> HandoffHistory { get; }

    /// <summary>The status changes of crewai_flow_executions.</summary>
    IHistoryStore<FlowExecutionHistoryEntry, ExecutionHistoryQuery> ExecutionHistory { get; }

    /// <summary>The changes of exec_handoff_preparations as they happen; in a transaction, those outside it.</summary>
    IChangeFeed<HandoffPreparation, HandoffWatch> HandoffFeed { get; }

    /// <summary>The changes of crewai_flow_executions as they happen; in a transaction, those outside it.</summary>
    IChangeFeed<FlowExecution, ExecutionWatch> ExecutionFeed { get; }

    /// <summary>The tables themselves.</summary>
    ISchemaStore Schema { get; }

    /// <summary>Begins a transaction, in which the stores of <see cref="ILeoTransaction.Database"/> work until it ends.</summary>
    /// <exception cref="LeoException">ConnectionFailed, ConnectionLost.</exception>
    Task<ILeoTransaction> BeginAsync(CancellationToken cancellationToken);

    /// <summary>Tells, without writing, whether the catalog forbids a write: rights, read-only, generated columns, NOT NULL, CHECKs over the given values.</summary>
    /// <returns>The refusal to expect; null where nothing that is known before the write forbids it.</returns>
    /// <exception cref="LeoException">ConnectionFailed, ConnectionLost, CommandTimedOut.</exception>
    Task<LeoException?> FindObstacleAsync(PlannedWrite write, CallContext context, CancellationToken cancellationToken);

    /// <summary>Asks the server who and what it is, and which of the tables it has.</summary>
    /// <exception cref="LeoException">ConnectionFailed, AuthenticationFailed, ConnectionLost, CommandTimedOut.</exception>
    Task<DatabaseReport> TestAsync(CallContext context, CancellationToken cancellationToken);
}
