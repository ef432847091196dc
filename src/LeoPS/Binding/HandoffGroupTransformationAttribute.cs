using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds one or several groups by their whole names, in any case. PowerShell's own cast would read 'Status,SdId' in one text as SdId alone.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HandoffGroupTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => StatusTransformation.Transform<HandoffGroup>(inputData, "a group");
}
