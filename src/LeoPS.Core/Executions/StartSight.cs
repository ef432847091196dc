namespace LeoPS.Executions;

/// <summary>What a look shows of a start that was not made: the flow, and whoever has the execution key.</summary>
/// <param name="FlowId">id of the flow; null where no visible flow has this id or key.</param>
/// <param name="FlowKey">flow_key of the flow; null where there is none.</param>
/// <param name="FlowStatus">status of the flow; null where the column is, or there is no flow.</param>
/// <param name="Existing">The run that has the execution key; null where no visible one has.</param>
/// <param name="SameInput">True where that run's input is the one given now.</param>
/// <param name="FlowHeld">True where the flow's row was held by another transaction.</param>
/// <param name="IdIsThere">True where a run that is put back is there already, by its id.</param>
public readonly record struct StartSight(Guid? FlowId, string? FlowKey, FlowStatus? FlowStatus, FlowExecution? Existing, bool SameInput, bool FlowHeld, bool IdIsThere = false);
