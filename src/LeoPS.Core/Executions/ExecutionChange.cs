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

    /// <summary>What is written: where the move has a reason and the run no error of its own, the reason is its error message.</summary>
    public RunValues Written(StatusMove<ExecutionStatus> move)
    {
        ArgumentNullException.ThrowIfNull(move);
        return Values.Error is null && move.ReasonLine is { } reason && move.Table.IsTerminal(move.Target)
            ? Values with { Error = RunError.Of(reason, null, null) }
            : Values;
    }
}
