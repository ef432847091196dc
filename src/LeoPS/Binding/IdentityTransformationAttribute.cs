using System.Globalization;
using System.Management.Automation;
using LeoPS.Changes;
using LeoPS.Statuses;

namespace LeoPS.Binding;

/// <summary>
/// Binds rows from whatever names them; a list is bound element by element. A null for a mandatory parameter never comes here, for the binder
/// hands it straight through: it is a row like any other, and a wrong one, and the cmdlet takes it for the identity's Nothing.
/// </summary>
public abstract class IdentityTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override bool TransformNullOptionalParameters => true;

    /// <inheritdoc/>
    public sealed override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        // What the pipe would take apart is a list here too, such as a HashSet.
        return LanguagePrimitives.GetEnumerable(inputData) is { } list
            ? Pack(list.Cast<object?>())
            : Pack([inputData]);
    }

    /// <summary>The identities as an array of their type.</summary>
    private protected abstract object Pack(IEnumerable<object?> inputs);

    private protected static object? Bare(object? input) => input is PSObject wrapped ? wrapped.BaseObject : input;

    /// <summary>True for JSON, which is no name: an object is a row, and an array is told to be none.</summary>
    private protected static bool IsJson(string text) => (text.StartsWith('{') || text.StartsWith('[')) && JsonText.IsValid(text, out _);

    /// <summary>An object that went through JSON, CSV or a job still knows which version of its row it was.</summary>
    private protected static RowGuard? GuardOf<TStatus>(PipedRow row, string statusProperty)
        where TStatus : struct, Enum =>
        GuardOf(row, StatusText<TStatus>(row[statusProperty]?.ToString()));

    /// <summary>The same with a status that is known already; null for none.</summary>
    private protected static RowGuard? GuardOf(PipedRow row, string? statusText) =>
        uint.TryParse(row["RowVersion"]?.ToString(), out uint version) ? new RowGuard(version, statusText, null) : null;

    /// <summary>The status as the column has it; ConvertTo-Json makes the number of it.</summary>
    private static string? StatusText<TStatus>(string? text)
        where TStatus : struct, Enum =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < StatusNames<TStatus>.All.Count
            ? StatusNames<TStatus>.ToColumn(StatusNames<TStatus>.All[number])
            : text?.ToLowerInvariant();
}
