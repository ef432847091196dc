namespace LeoPS.History;

/// <summary>Which status changes of handoffs to read.</summary>
public sealed record HandoffHistoryQuery : HistoryQuery
{
    /// <summary>SD ids or keys, with PowerShell wildcards; of deleted handoffs too.</summary>
    public IReadOnlyList<string>? SdIds { get; init; }
}
