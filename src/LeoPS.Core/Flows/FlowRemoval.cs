using LeoPS.Changes;

namespace LeoPS.Flows;

/// <summary>One flow that is to be deleted.</summary>
/// <param name="Id">The flow meant.</param>
/// <param name="Known">What the object knew of its row; unknown for a bare id or key, which nothing guards.</param>
/// <param name="Source">What the user gave; the TargetObject of an error.</param>
public sealed record FlowRemoval(Guid Id, FlowVersion Known, object? Source) : IRowChange<Guid>
{
    RowGuard? IRowChange.Guard => Known.RowVersion is null ? null : new RowGuard(Known.RowVersion, null, null);
}
