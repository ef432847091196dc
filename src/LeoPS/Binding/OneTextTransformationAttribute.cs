using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds a text that is the same for all rows. A script block is refused: PowerShell would take its source for the text.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneTextTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is ScriptBlock
            ? throw new ArgumentTransformationMetadataException("It takes one text for all rows and no script block. Rows bring their own in a column of that name, as Select-Object *, @{ Name = '…'; Expression = { … } } makes it.")
            : inputData;
}
