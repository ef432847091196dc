using System.Collections;
using System.Management.Automation;

namespace LeoPS.Binding;

/// <summary>
/// Refuses a connection string that was pasted into a parameter which takes no text. PowerShell's own refusal would repeat it, password and all.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NoSecretTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Holds(inputData)
        ? throw new ArgumentTransformationMetadataException("It is a text that holds a password or a key, which is not shown here. This parameter takes something else: look where that text belongs.")
        : inputData;

    private static bool Holds(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        string text => Redaction.Redact(text) != text,
        IEnumerable list => list.Cast<object?>().Any(Holds),
        _ => false,
    };
}
