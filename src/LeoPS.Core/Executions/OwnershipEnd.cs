namespace LeoPS.Executions;

/// <summary>Why a run is no longer its owner's.</summary>
/// <param name="Status">The status in which somebody else ended it; null where the ownership itself was lost, or the row is gone.</param>
/// <param name="Why">What happened, in one sentence without a full stop.</param>
public sealed record OwnershipEnd(ExecutionStatus? Status, string Why);
