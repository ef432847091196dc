namespace LeoPS;

/// <summary>One status change of a flow execution: a row of leops.execution_history.</summary>
public sealed class FlowExecutionHistoryEntry : HistoryEntry
{
    internal FlowExecutionHistoryEntry()
    {
    }

    /// <summary>from_status; null for a new execution.</summary>
    public ExecutionStatus? From { get; internal set; }

    /// <summary>to_status; null for one that was deleted.</summary>
    public ExecutionStatus? To { get; internal set; }

    /// <summary>flow_id: the flow that ran.</summary>
    public Guid? FlowId { get; internal set; }

    /// <summary>crewai_flows.flow_key; null where the flow is gone or hidden.</summary>
    public string? FlowKey { get; internal set; }

    /// <summary>execution_key.</summary>
    public string? ExecutionKey { get; internal set; }

    /// <summary>Execution key, short id and the two statuses.</summary>
    public override string ToString() => $"{ExecutionKey} {Describe(From, To)}";
}
