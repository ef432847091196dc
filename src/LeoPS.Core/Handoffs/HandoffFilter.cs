using LeoPS.Reading;

namespace LeoPS.Handoffs;

/// <summary>Which handoffs are meant. Everything here is decided by the server; null means no such condition.</summary>
public sealed record HandoffFilter : IRowFilter
{
    /// <summary>Ids to match.</summary>
    public IReadOnlyList<Guid>? Ids { get; init; }

    /// <summary>SD ids or keys, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? SdIds { get; init; }

    /// <summary>session_id to match.</summary>
    public IReadOnlyList<Guid>? SessionIds { get; init; }

    /// <summary>handoff_status to match.</summary>
    public IReadOnlyList<HandoffStatus>? Statuses { get; init; }

    /// <summary>prepared_at at or after this time.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>prepared_at before this time.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Not terminal, and longer than this in the present status by its stamp (see docs/en-US/Get-HandoffPreparation.md).</summary>
    public TimeSpan? Stuck { get; init; }

    /// <summary>Only the newest handoff of each SD, by prepared_at desc nulls last, id; the other conditions apply to that one.</summary>
    public bool Latest { get; init; }

    /// <summary>True where nothing but ids selects.</summary>
    public bool OnlyIds => this with { Ids = null } == new HandoffFilter();
}
