using System.Collections;
using System.Management.Automation;
using LeoPS.Changes;

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
        object? value = Bare(inputData);
        return value is IList list and not IDictionary
            ? Pack(list.Cast<object?>())
            : Pack([inputData]);
    }

    /// <summary>The identities as an array of their type.</summary>
    private protected abstract object Pack(IEnumerable<object?> inputs);

    private protected static object? Bare(object? input) => input is PSObject wrapped ? wrapped.BaseObject : input;

    /// <summary>An object that went through JSON, CSV or a job still knows which version of its row it was.</summary>
    private protected static RowGuard? GuardOf(PipedRow row, string statusProperty) =>
        uint.TryParse(row["RowVersion"]?.ToString(), out uint version) ? new RowGuard(version, row[statusProperty]?.ToString()?.ToLowerInvariant(), null) : null;
}
