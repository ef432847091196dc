using System.Management.Automation;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>Binds a duration from a TimeSpan or one of the written forms. A bare number is refused: PowerShell would read 30 as ticks and '30' as days.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            TimeSpan span when span >= TimeSpan.Zero => span,
            string text when Duration.TryParse(text, out TimeSpan span) => span,
            // Without quotes 7d is a decimal to PowerShell and 30s an Int16; the wrapper still knows what was typed.
            ValueType when Duration.TryParse(inputData.ToString(), out TimeSpan span) => span,
            _ => throw new ArgumentTransformationMetadataException($"'{Redaction.Redact($"{value}")}' is not a duration. Write {Duration.Forms}."),
        };
    }
}
