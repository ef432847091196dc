namespace LeoPS.Handoffs;

/// <summary>How all handoffs of one call are made.</summary>
/// <param name="Restores">True where they are put back with their ids, statuses and times.</param>
/// <param name="Force">True where the strategic directive may be another than the session's.</param>
public sealed record DraftRules(bool Restores, bool Force);
