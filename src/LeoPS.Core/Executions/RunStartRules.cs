using LeoPS.Changes;

namespace LeoPS.Executions;

/// <summary>How all runs of one call are started.</summary>
/// <param name="Status">Running, or Pending for runs that are only queued.</param>
/// <param name="OnConflict">What happens where an execution key is taken.</param>
/// <param name="Force">True where archived and deprecated flows may be started, and pending runs off the path.</param>
public sealed record RunStartRules(ExecutionStatus Status, KeyConflict OnConflict, bool Force)
{
    /// <summary>Statuses of flows that start.</summary>
    public static IReadOnlyList<FlowStatus> Runnable { get; } = [FlowStatus.Draft, FlowStatus.Active];

    /// <summary>The move of a run that was queued before.</summary>
    public StatusMove<ExecutionStatus> Move { get; } = new(ExecutionTransitions.Table, Status, Force, null);

    /// <summary>False where the call has no -OnConflict that could be advised.</summary>
    public bool MayTakeExisting { get; init; } = true;

    /// <summary>True where a flow of this status may be started.</summary>
    public bool Allows(FlowStatus? status) => Force || (status is { } known && Runnable.Contains(known));
}
