using LeoPS.Reading;

namespace LeoPS.Sessions;

/// <summary>Which implementation sessions are meant. Everything here is decided by the server; null means no such condition.</summary>
public sealed record SessionFilter : IRowFilter
{
    /// <summary>Ids to match.</summary>
    public IReadOnlyList<Guid>? Ids { get; init; }

    /// <summary>SD ids or keys, literally.</summary>
    public IReadOnlyList<string>? SdNames { get; init; }

    /// <summary>SD ids or keys, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? SdIds { get; init; }

    /// <summary>status to match.</summary>
    public IReadOnlyList<SessionStatus>? Statuses { get; init; }

    /// <summary>implementation_type to match.</summary>
    public IReadOnlyList<ImplementationType>? Types { get; init; }

    /// <summary>How long ago they started at the least.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>True where nothing but ids selects.</summary>
    public bool OnlyIds => this with { Ids = null } == new SessionFilter();
}
