using LeoPS.Changes;

namespace LeoPS.Executions;

/// <summary>One run that is to move, and what is written with it.</summary>
/// <param name="Id">The run meant.</param>
/// <param name="Guard">What the object knew of its row; null for a bare id.</param>
/// <param name="Row">The live object, where one was given.</param>
/// <param name="Source">What the user gave; the TargetObject of an error.</param>
/// <param name="Values">The columns written beside the status.</param>
public sealed record ExecutionChange(Guid Id, RowGuard? Guard, FlowExecution? Row, object? Source, RunValues Values)
    : StatusChange<FlowExecution>(Id, Guard, Row, Source)
{
    /// <inheritdoc/>
    public override bool HasValues => Values.Any;
}
