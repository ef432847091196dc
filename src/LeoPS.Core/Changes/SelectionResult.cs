namespace LeoPS.Changes;

/// <summary>What a change of a server-side selection ended in.</summary>
/// <param name="Changed">Rows written.</param>
/// <param name="Outcomes">The written rows in id order, where they were asked for; then one per row that matched and was not written.</param>
/// <param name="RolledBack">True where rows failed that were to be changed all or none: then none was.</param>
public sealed record SelectionResult<TRow>(long Changed, IReadOnlyList<ChangeOutcome<TRow>> Outcomes, bool RolledBack = false)
    where TRow : class;
