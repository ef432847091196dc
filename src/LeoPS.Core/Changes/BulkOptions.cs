namespace LeoPS.Changes;

/// <summary>How a bulk operation writes its rows.</summary>
/// <param name="BatchSize">Rows per statement.</param>
/// <param name="IsAtomic">True for one transaction: where one row fails, none is written. False for a transaction per statement.</param>
public sealed record BulkOptions(int BatchSize, bool IsAtomic = false);

/// <summary>What a bulk operation ended in.</summary>
/// <param name="Committed">False where the operation is atomic and a row failed: nothing was written.</param>
/// <param name="Outcomes">One per change, in the order given. Where not committed, only the failed ones mean anything.</param>
public sealed record BulkResult<TRow>(bool Committed, IReadOnlyList<ChangeOutcome<TRow>> Outcomes)
    where TRow : class;
