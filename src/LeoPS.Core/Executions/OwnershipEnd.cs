namespace LeoPS.Executions;

/// <summary>Why a run is no longer its owner's.</summary>
/// <param name="Status">What somebody else moved it to; null where the ownership itself was lost, or the row is gone.</param>
/// <param name="Why">What happened, in one sentence without a full stop.</param>
/// <param name="Lost">True where the owner could not prove itself in time, and the run may still be going for all others.</param>
public sealed record OwnershipEnd(ExecutionStatus? Status, string Why, bool Lost = false);
