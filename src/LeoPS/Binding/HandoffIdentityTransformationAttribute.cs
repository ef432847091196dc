using System.Collections;
using System.Management.Automation;
using LeoPS.Changes;

namespace LeoPS.Binding;

/// <summary>Binds handoffs from whatever names them; see <see cref="HandoffIdentity"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HandoffIdentityTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override bool TransformNullOptionalParameters => true;

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is IList list
            ? list.Cast<object?>().Select(One).ToArray()
            : new[] { One(inputData) };
    }

    private static HandoffIdentity One(object? input)
    {
        object? value = input is PSObject wrapped ? wrapped.BaseObject : input;
        return value switch
        {
            HandoffPreparation row => new HandoffIdentity(row.Id, row.Guard, row, row),
            HandoffIdentity identity => identity,
            Guid id when id != Guid.Empty => new HandoffIdentity(id, null, null, input),
            _ => Read(PipedRow.Of(input), input),
        };
    }

    private static HandoffIdentity Read(PipedRow row, object? input)
    {
        if (row.ForeignKind("HandoffPreparation") is { } kind)
        {
            return new HandoffIdentity(LeoErrors.InvalidIdentity("handoff", $"A {kind}"), input);
        }

        return row.Id is { } id
            ? new HandoffIdentity(id, Guard(row), null, input)
            : new HandoffIdentity(LeoErrors.InvalidIdentity("handoff", row.Description), input);
    }

    /// <summary>An object that went through JSON, CSV or a job still knows which version of its row it was.</summary>
    private static RowGuard? Guard(PipedRow row) =>
        uint.TryParse(row["RowVersion"]?.ToString(), out uint version) ? new RowGuard(version, row["HandoffStatus"]?.ToString()?.ToLowerInvariant(), null) : null;
}
