namespace LeoPS.Directives;

/// <summary>Which strategic directives are meant. Everything here is decided by the server; null means no such condition.</summary>
public sealed record DirectiveFilter
{
    /// <summary>Ids or keys, literally.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Ids or keys, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? SdIds { get; init; }

    /// <summary>status to match, in any case, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? Statuses { get; init; }

    /// <summary>category to match, in any case, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>priority to match, in any case, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? Priorities { get; init; }

    /// <summary>True where nothing but literal names selects.</summary>
    public bool OnlyNames => this with { Names = null } == new DirectiveFilter();
}
