using System.Management.Automation;
using LeoPS.Executions;
using LeoPS.Statuses;

namespace LeoPS.Binding;

/// <summary>Binds a status in which a run can end, by its whole name, in any case.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EndStatusTransformationAttribute : ArgumentTransformationAttribute
{
    private static readonly ExecutionStatus[] _ends = [.. StatusNames<ExecutionStatus>.All.Where(ExecutionTransitions.Table.IsTerminal)];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        StatusTransformation.One(inputData, "a status in which a run ends", _ends);
}
