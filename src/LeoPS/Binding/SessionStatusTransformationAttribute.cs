using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds one or several sessions' statuses by their whole names, in any case.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SessionStatusTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => StatusTransformation.Transform<SessionStatus>(inputData);
}
