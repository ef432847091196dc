using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds the verdict that a handoff needs to pass, by its whole name, in any case. Blocked would let everything pass.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class VerdictTransformationAttribute : ArgumentTransformationAttribute
{
    private static readonly ReadinessVerdict[] _required = [ReadinessVerdict.Pass, ReadinessVerdict.Warning];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        StatusTransformation.One(inputData, "a verdict that can be required", _required);
}
