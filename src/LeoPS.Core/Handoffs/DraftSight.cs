namespace LeoPS.Handoffs;

/// <summary>What a look shows of a handoff that was not made: what it refers to, and whoever has its id.</summary>
/// <param name="SdId">id of the strategic directive; null where none was named, or no visible one has this id or key.</param>
/// <param name="SessionSd">sd_id of the session that was named; null where none was named, or it cannot be seen.</param>
/// <param name="ActiveSessions">The active sessions of the strategic directive.</param>
/// <param name="IsThere">True where a visible handoff has the id.</param>
/// <param name="Held">True where another transaction holds what it refers to.</param>
public readonly record struct DraftSight(string? SdId, string? SessionSd, IReadOnlyList<Guid> ActiveSessions, bool IsThere, bool Held);
