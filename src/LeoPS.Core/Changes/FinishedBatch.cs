namespace LeoPS.Changes;

/// <summary>The outcomes of one batch, in input order.</summary>
/// <param name="outcomes">One per input.</param>
/// <param name="changedIds">Finds the ids that changed; asked only when somebody needs them.</param>
/// <param name="lost">How the connection broke while the batch was on its way; null where it did not.</param>
public sealed class FinishedBatch<TRow>(IReadOnlyList<ChangeOutcome<TRow>> outcomes, Func<IEnumerable<object>> changedIds, LeoException? lost = null)
    where TRow : class
{
    /// <summary>One per input.</summary>
    public IReadOnlyList<ChangeOutcome<TRow>> Outcomes => outcomes;

    /// <summary>How the connection broke while the batch was on its way; null where it did not.</summary>
    public LeoException? Lost => lost;

    /// <summary>The ids that this batch did change.</summary>
    public IReadOnlyList<object> ChangedIds() => [.. changedIds()];

    /// <summary>The ids of which nobody knows whether this batch changed them.</summary>
    public IReadOnlyList<object> UnknownIds() => [.. outcomes.SelectMany(o => o.Error?.UnknownIds ?? [])];
}
