namespace LeoPS.Executions;

/// <summary>What a look shows of a run that was to be restarted.</summary>
/// <param name="Row">The run; null where it is not visible.</param>
/// <param name="FlowIsThere">True where its flow is visible.</param>
/// <param name="FlowStatus">status of its flow; null where the column is, or the flow is not visible.</param>
/// <param name="RestartedAs">metadata.restartedAs: the run that it was restarted as; null where there is none.</param>
/// <param name="TakesLink">True where its metadata is an object, or null, and can name the new run.</param>
/// <param name="Held">True where the run was passed over because another transaction holds it.</param>
/// <param name="FlowHeld">True where the flow's row was held by another transaction.</param>
public readonly record struct RestartSight(
    FlowExecution? Row, bool FlowIsThere, FlowStatus? FlowStatus, string? RestartedAs, bool TakesLink, bool Held, bool FlowHeld);
