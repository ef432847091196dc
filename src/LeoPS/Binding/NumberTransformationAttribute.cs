using System.Management.Automation;
using LeoPS.Json;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>
/// Binds a number, from a number or a text that means the same in every culture. PowerShell's own cast reads '0,0886' as 886 and an empty
/// text as 0.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NumberTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => PowerShellShape.Instance.Unwrap(inputData) switch
    {
        null => null,
        var value when InvariantText.TryReadNumber(value, out decimal number) => number,
        _ => throw TransformationFailure.Of(inputData, "a number. Write it with a point and without thousands separators, such as 0.0886"),
    };
}
