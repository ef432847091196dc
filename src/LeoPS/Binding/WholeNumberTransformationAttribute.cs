using System.Management.Automation;
using LeoPS.Json;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>
/// Binds a whole number, from a number or a text that means the same in every culture. PowerShell's own cast rounds 3.7 to 4, makes 1 of
/// True and 0 of an empty text, and reads '1.234' by the culture.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WholeNumberTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        InvariantText.TryReadWhole(PowerShellShape.Instance.Unwrap(inputData), out long number)
            ? number
            : throw TransformationFailure.Of(inputData, "a whole number. Write digits, with a minus where it is negative, such as 1200");
}
