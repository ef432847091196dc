using System.Collections;
using System.Management.Automation;
using LeoPS.Executions;
using LeoPS.Statuses;

namespace LeoPS.Binding;

/// <summary>
/// Binds one or several values of an enum by their whole names, in any case. PowerShell's own cast reads 3 as Accepted, and 'sent,ready' in one
/// text as another status.
/// </summary>
/// <param name="what">What the value has to be, for the message.</param>
[AttributeUsage(AttributeTargets.Property)]
public class EnumTransformationAttribute<T>(string what = "a status") : ArgumentTransformationAttribute
    where T : struct, Enum
{
    /// <summary>The values that the parameter accepts.</summary>
    private protected virtual IReadOnlyList<T> Allowed => StatusNames<T>.All;

    /// <summary>False where the parameter takes one value, so that the message names the list as a whole.</summary>
    private protected virtual bool TakesLists => true;

    /// <inheritdoc/>
    public sealed override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        TakesLists && Bare(inputData) is IEnumerable list and not string ? list.Cast<object?>().Select(One).ToArray() : One(inputData);

    private object One(object? input)
    {
        object? value = Bare(input);
        return value switch
        {
            T known when Allowed.Contains(known) => known,
            string text when StatusNames<T>.TryParse(text, out T named) && Allowed.Contains(named) => named,
            _ => throw new ArgumentTransformationMetadataException(
                $"'{Redaction.Redact(Shown(value) ?? "")}' is not {what}. Allowed are {string.Join(", ", Allowed)}: whole names, in any case."),
        };
    }

    private static object? Bare(object? input) => input is PSObject wrapped ? wrapped.BaseObject : input;

    private static string? Shown(object? value) =>
        value is IEnumerable list and not string ? string.Join(", ", list.Cast<object?>()) : value?.ToString();
}

/// <summary>Binds a status in which an execution can end.</summary>
public sealed class EndStatusTransformationAttribute() : EnumTransformationAttribute<ExecutionStatus>("a status in which a run ends")
{
    private static readonly ExecutionStatus[] _ends = [.. StatusNames<ExecutionStatus>.All.Where(ExecutionTransitions.Table.IsTerminal)];

    private protected override IReadOnlyList<ExecutionStatus> Allowed => _ends;

    private protected override bool TakesLists => false;
}

/// <summary>Binds the verdict that a handoff needs to pass. Blocked is refused, since every handoff would pass.</summary>
public sealed class RequiredVerdictTransformationAttribute() : EnumTransformationAttribute<ReadinessVerdict>("a verdict that can be required")
{
    private static readonly ReadinessVerdict[] _required = [ReadinessVerdict.Pass, ReadinessVerdict.Warning];

    private protected override IReadOnlyList<ReadinessVerdict> Allowed => _required;

    private protected override bool TakesLists => false;
}
