namespace LeoPS.Flows;

/// <summary>Which flows are meant. Everything here is decided by the server; null means no such condition.</summary>
public sealed record FlowFilter
{
    /// <summary>Ids to match.</summary>
    public IReadOnlyList<Guid>? Ids { get; init; }

    /// <summary>Keys, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? FlowKeys { get; init; }

    /// <summary>status to match.</summary>
    public IReadOnlyList<FlowStatus>? Statuses { get; init; }

    /// <summary>Tags of which a flow must have at least one.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}
