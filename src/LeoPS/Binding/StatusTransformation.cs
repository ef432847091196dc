using System.Collections;
using System.Management.Automation;
using LeoPS.Statuses;

namespace LeoPS.Binding;

/// <summary>Reads statuses, and other names of an enum, as people may write them. PowerShell's own cast would turn 3 into Accepted and 'sent,ready' into another status.</summary>
internal static class StatusTransformation
{
    /// <summary>One status, or several.</summary>
    /// <param name="input">What was bound.</param>
    /// <param name="what">What it has to be, for the message.</param>
    public static object Transform<TStatus>(object? input, string what = "a status")
        where TStatus : struct, Enum =>
        Bare(input) is IEnumerable list and not string
            ? list.Cast<object?>().Select(item => One(item, what, StatusNames<TStatus>.All)).ToArray()
            : One(input, what, StatusNames<TStatus>.All);

    /// <summary>One of the statuses that are allowed here.</summary>
    public static TStatus One<TStatus>(object? input, string what, IReadOnlyList<TStatus> allowed)
        where TStatus : struct, Enum
    {
        object? value = Bare(input);
        return value switch
        {
            TStatus status when allowed.Contains(status) => status,
            string text when StatusNames<TStatus>.TryParse(text, out TStatus status) && allowed.Contains(status) => status,
            _ => throw new ArgumentTransformationMetadataException($"'{Redaction.Redact(Shown(value) ?? "")}' is not {what}. Allowed are {string.Join(", ", allowed)}: whole names, in any case."),
        };
    }

    private static object? Bare(object? input) => input is PSObject wrapped ? wrapped.BaseObject : input;

    private static string? Shown(object? value) => value is IEnumerable list and not string ? string.Join(", ", list.Cast<object?>()) : value?.ToString();
}
