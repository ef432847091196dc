using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds one or several groups by their whole names, in any case. PowerShell's own cast would read 'Flow,Status' in one text as Status alone.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExecutionGroupTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => StatusTransformation.Transform<ExecutionGroup>(inputData, "a group");
}
