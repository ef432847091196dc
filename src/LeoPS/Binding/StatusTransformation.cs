using System.Collections;
using System.Management.Automation;
using LeoPS.Statuses;

namespace LeoPS.Binding;

/// <summary>Reads statuses, and other names of an enum, as people may write them. PowerShell's own cast would turn 3 into Accepted and 'sent,ready' into another status.</summary>
internal static class StatusTransformation
{
    /// <param name="input">What was given: one or several.</param>
    /// <param name="noun">What it has to be, for messages.</param>
    public static object Transform<TStatus>(object? input, string noun = "status")
        where TStatus : struct, Enum
    {
        object? value = input is PSObject wrapped ? wrapped.BaseObject : input;
        return value is IEnumerable and not string
            ? ((IEnumerable)value).Cast<object?>().Select(item => One<TStatus>(item, noun)).ToArray()
            : One<TStatus>(value, noun);
    }

    private static TStatus One<TStatus>(object? input, string noun)
        where TStatus : struct, Enum
    {
        object? value = input is PSObject wrapped ? wrapped.BaseObject : input;
        return value switch
        {
            TStatus status when Enum.IsDefined(status) => status,
            string text when StatusNames<TStatus>.TryParse(text, out TStatus status) => status,
            _ => throw new ArgumentTransformationMetadataException($"'{value}' is not a {noun}. Allowed are {StatusNames<TStatus>.List}: whole names, in any case."),
        };
    }
}
