namespace LeoPS.Executions;

/// <summary>What a look at the queue shows that a claim would take from.</summary>
/// <param name="Flows">Visible flows that are meant.</param>
/// <param name="FlowStatus">The status of one of them; null where there is none, or its column is null.</param>
/// <param name="Waiting">Queued runs of flows that start, at most as many as the claim wants.</param>
/// <param name="FreeId">The oldest of these that nobody holds; null where there is none.</param>
/// <param name="FreeLabel">How messages name that run.</param>
public readonly record struct QueueSight(long Flows, FlowStatus? FlowStatus, long Waiting, Guid? FreeId, string? FreeLabel);
