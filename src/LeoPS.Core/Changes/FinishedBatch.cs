namespace LeoPS.Changes;

/// <summary>The outcomes of one batch, in input order.</summary>
/// <param name="outcomes">One per input.</param>
/// <param name="changedIds">Finds the ids that changed; asked only when somebody needs them.</param>
public sealed class FinishedBatch<TRow>(IReadOnlyList<ChangeOutcome<TRow>> outcomes, Func<IEnumerable<Guid>> changedIds)
    where TRow : class
{
    /// <summary>One per input.</summary>
    public IReadOnlyList<ChangeOutcome<TRow>> Outcomes => outcomes;

    /// <summary>The ids that this batch did change.</summary>
    public IReadOnlyList<Guid> ChangedIds() => [.. changedIds()];
}
