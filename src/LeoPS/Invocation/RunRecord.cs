namespace LeoPS.Invocation;

/// <summary>What was recorded of a run whose block has ended.</summary>
/// <param name="Id">The run.</param>
/// <param name="Status">What it became; null where nothing was to be recorded, or could be.</param>
/// <param name="Refusals">What the block gave and the run could not keep.</param>
/// <param name="Notes">What was kept otherwise than given.</param>
/// <param name="Failure">Why nothing could be recorded; null where it was.</param>
internal sealed record RunRecord(Guid Id, ExecutionStatus? Status, IReadOnlyList<LeoException> Refusals, IReadOnlyList<string> Notes, LeoException? Failure);
