namespace LeoPS.Handoffs;

/// <summary>Which changes of handoffs to watch for; null means no such condition.</summary>
public sealed record HandoffWatch
{
    /// <summary>SD ids or keys, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? SdIds { get; init; }

    /// <summary>Statuses that a handoff has come to.</summary>
    public IReadOnlyList<HandoffStatus>? Statuses { get; init; }
}
