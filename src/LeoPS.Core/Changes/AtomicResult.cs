namespace LeoPS.Changes;

/// <summary>What an all-or-nothing change ended in.</summary>
/// <param name="Committed">True where everything was done; false where nothing was.</param>
/// <param name="Outcomes">One per change, in the order given. Where not committed, only the failed ones mean anything.</param>
public sealed record AtomicResult<TRow>(bool Committed, IReadOnlyList<ChangeOutcome<TRow>> Outcomes)
    where TRow : class;
