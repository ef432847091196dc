using System.Collections;
using System.Management.Automation;
using LeoPS.Json;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>What a transformation says of a value that it refuses.</summary>
internal static class TransformationFailure
{
    /// <param name="value">The value as it was bound; a secret in it is not repeated.</param>
    /// <param name="what">What it is not, and how to write that: the rest of the message, without its period.</param>
    public static ArgumentTransformationMetadataException Of(object? value, string what)
    {
        object? bare = PowerShellShape.Instance.Unwrap(value);
        string shown = bare is IEnumerable list and not string
            ? string.Join(", ", list.Cast<object?>().Select(InvariantText.Of))
            : InvariantText.Of(bare) ?? "";
        return new ArgumentTransformationMetadataException($"'{LeoErrors.Short(shown)}' is not {what}.");
    }
}
