using LeoPS.Reading;

namespace LeoPS.Flows;

/// <summary>Which flows are meant. Everything here is decided by the server; null means no such condition.</summary>
public sealed record FlowFilter : IRowFilter
{
    /// <summary>Ids to match.</summary>
    public IReadOnlyList<Guid>? Ids { get; init; }

    /// <summary>Keys, literally, that count like ids: a flow matches where its id is one of <see cref="Ids"/> or its key one of these.</summary>
    public IReadOnlyList<string>? OrKeys { get; init; }

    /// <summary>Keys, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? FlowKeys { get; init; }

    /// <summary>status to match.</summary>
    public IReadOnlyList<FlowStatus>? Statuses { get; init; }

    /// <summary>Tags of which a flow must have at least one.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>True where nothing but ids, and keys that count like them, selects.</summary>
    public bool OnlyIds => this with { Ids = null, OrKeys = null } == new FlowFilter();
}
