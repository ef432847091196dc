using System.Globalization;
using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds a whole number, from a number or a text; a blank text is no value. PowerShell's own cast would round 3.7 to 4.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WholeNumberTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        string? text = value is IFormattable number and not Enum ? number.ToString(null, CultureInfo.InvariantCulture) : value?.ToString();
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
        return int.TryParse(text, Styles, CultureInfo.InvariantCulture, out int whole)
            ? whole
            : throw new ArgumentTransformationMetadataException($"'{Redaction.Redact($"{value}")}' is not a whole number from {int.MinValue} to {int.MaxValue}.");
    }
}
