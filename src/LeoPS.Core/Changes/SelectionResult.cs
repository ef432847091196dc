namespace LeoPS.Changes;

/// <summary>What a change of a server-side selection ended in.</summary>
/// <param name="Changed">Rows written.</param>
/// <param name="Outcomes">The written rows in id order, where they were asked for; then one per row that matched and was not written.</param>
public sealed record SelectionResult<TRow>(long Changed, IReadOnlyList<ChangeOutcome<TRow>> Outcomes)
    where TRow : class;
