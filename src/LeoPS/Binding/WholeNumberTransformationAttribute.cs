using System.Collections;
using System.Globalization;
using System.Management.Automation;
using LeoPS.Json;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>
/// Binds a whole number, or a list of them, from a number or a text that means the same in every culture. PowerShell's own cast rounds 3.7 to 4, makes 1 of
/// True and 0 of an empty text, and reads '1.234' by the culture.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WholeNumberTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>The smallest number that is taken.</summary>
    public long Minimum { get; init; } = long.MinValue;

    /// <summary>The largest number that is taken.</summary>
    public long Maximum { get; init; } = long.MaxValue;

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => PowerShellShape.Instance.Unwrap(inputData) switch
    {
        null => null,
        IList numbers => numbers.Cast<object>().Select(number => Transform(engineIntrinsics, number)).ToArray(),
        var value when InvariantText.TryReadWhole(value, out long number) && number >= Minimum && number <= Maximum => number,
        _ => throw TransformationFailure.Of(inputData, $"a whole number{Range}. Write digits, with a minus where it is negative, such as 1200"),
    };

    private string Range => Minimum == long.MinValue && Maximum == long.MaxValue ? "" : string.Create(CultureInfo.InvariantCulture, $" from {Minimum} to {Maximum}");
}
