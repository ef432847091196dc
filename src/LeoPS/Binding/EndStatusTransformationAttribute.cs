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
        StatusTransformation.Transform<ExecutionStatus>(inputData) is ExecutionStatus status && _ends.Contains(status)
            ? status
            : throw new ArgumentTransformationMetadataException($"'{inputData}' is no end of a run. Allowed are {string.Join(", ", _ends)}.");
}
