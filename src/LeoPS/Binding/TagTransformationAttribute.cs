using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds tags from a list of texts, or one; see <see cref="TextList"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TagTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => TextList.Of(inputData);
}
