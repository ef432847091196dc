using System.Management.Automation;
using LeoPS.Json;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>
/// Binds a time, from a time or a text in ISO 8601, which means the same in every culture. PowerShell's own cast reads '2026-01-01' in the
/// calendar of the culture, and a number as ticks.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TimeTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => PowerShellShape.Instance.Unwrap(inputData) switch
    {
        null => null,
        var value when InvariantText.TryReadTime(value, out DateTimeOffset time) => time,
        _ => throw TransformationFailure.Of(inputData, $"a time. Give a DateTime or a text in {InvariantText.TimeForms}"),
    };
}
