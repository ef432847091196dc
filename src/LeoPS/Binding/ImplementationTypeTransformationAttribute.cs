using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds one or several implementation types by their whole names, in any case.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ImplementationTypeTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => StatusTransformation.Transform<ImplementationType>(inputData, "an implementation type");
}
