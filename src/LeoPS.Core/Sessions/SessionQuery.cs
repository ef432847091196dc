using LeoPS.Reading;

namespace LeoPS.Sessions;

/// <summary>Which implementation sessions to read, in which order, and how many.</summary>
public sealed record SessionQuery : RowQuery<SessionFilter, SessionOrder>;
