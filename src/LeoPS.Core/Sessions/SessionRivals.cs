namespace LeoPS.Sessions;

/// <summary>The sessions that already have a status which another session is to get.</summary>
/// <param name="Sessions">At most one per strategic directive and status, the oldest.</param>
/// <param name="UniqueIndex">
/// The unique index or constraint over exactly (sd_id, status), by which a directive has one session of each status; null where the table has none.
/// </param>
public sealed record SessionRivals(IReadOnlyList<ImplementationSession> Sessions, string? UniqueIndex);
