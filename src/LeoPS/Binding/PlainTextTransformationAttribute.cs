using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>Binds a text column's value, and refuses a script block, whose source PowerShell would otherwise take for the text.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PlainTextTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        inputData is ScriptBlock or PSObject { BaseObject: ScriptBlock }
            ? throw new ArgumentTransformationMetadataException("A script block makes values of JSON and list columns only. For a text of each row's own, pipe rows that have it: Select-Object Id, @{ n = 'DemoUrl'; e = { … } }.")
            : inputData;
}
