using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds one or several execution modes by their whole names, in any case.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExecutionModeTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => StatusTransformation.Transform<ExecutionMode>(inputData, "an execution mode");
}
