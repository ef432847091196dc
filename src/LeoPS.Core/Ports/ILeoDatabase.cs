namespace LeoPS.Ports;

/// <summary>An open database: a pool of connections and the stores that use it. Safe for several threads.</summary>
public interface ILeoDatabase : IAsyncDisposable
{
    /// <summary>Who answered when the connection was opened.</summary>
    ServerIdentity Server { get; }

    /// <summary>exec_handoff_preparations.</summary>
    IHandoffStore Handoffs { get; }

    /// <summary>exec_handoff_preparations, as far as rows are made, edited and deleted.</summary>
    IHandoffContentStore HandoffContent { get; }

    /// <summary>crewai_flows.</summary>
    IFlowStore Flows { get; }

    /// <summary>crewai_flow_executions.</summary>
    IExecutionStore Executions { get; }

    /// <summary>The tables themselves.</summary>
    ISchemaStore Schema { get; }

    /// <summary>Asks the server who and what it is, and which of the tables it has.</summary>
    /// <exception cref="LeoException">ConnectionFailed, AuthenticationFailed, ConnectionLost, CommandTimedOut.</exception>
    Task<DatabaseReport> TestAsync(CallContext context, CancellationToken cancellationToken);
}
