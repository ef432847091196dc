namespace LeoPS.Sessions;

/// <summary>The active sessions of a strategic directive that somebody named.</summary>
/// <param name="Name">The id or key that was given.</param>
/// <param name="SdId">The directive's id; null where no visible directive has this id or key.</param>
/// <param name="SdKey">The directive's key; null where the column is, or there is no directive.</param>
/// <param name="SdTitle">The directive's title; null where the column is, or there is no directive.</param>
/// <param name="Sessions">Its active sessions, the oldest first: one at the most, where the table keeps the contract.</param>
public sealed record ActiveSessions(string Name, string? SdId, string? SdKey, string? SdTitle, IReadOnlyList<ImplementationSession> Sessions)
{
    /// <summary>How people call the directive: its key, or else its id, or else what was given.</summary>
    public string Label => SdKey ?? SdId ?? Name;
}
