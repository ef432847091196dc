namespace LeoPS.History;

/// <summary>Which status changes of executions to read.</summary>
public sealed record ExecutionHistoryQuery : HistoryQuery
{
    /// <summary>Keys of flows, with PowerShell wildcards; a flow that is gone or hidden matches none.</summary>
    public IReadOnlyList<string>? FlowKeys { get; init; }

    /// <summary>Execution keys, with PowerShell wildcards; of deleted executions too.</summary>
    public IReadOnlyList<string>? ExecutionKeys { get; init; }
}
