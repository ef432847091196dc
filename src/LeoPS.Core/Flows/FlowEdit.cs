using LeoPS.Changes;

namespace LeoPS.Flows;

/// <summary>One flow that is to be edited.</summary>
/// <param name="Id">The flow meant.</param>
/// <param name="Known">What the object knew of its row; unknown for a bare id or key, which nothing guards.</param>
/// <param name="Source">What the user gave; the TargetObject of an error.</param>
/// <param name="Values">What is written.</param>
public sealed record FlowEdit(Guid Id, FlowVersion Known, object? Source, FlowValues Values) : IRowChange<Guid>
{
    /// <summary>Further columns of the table.</summary>
    public AdditionalColumns AdditionalColumns { get; init; } = AdditionalColumns.None;

    RowGuard? IRowChange.Guard => Known.RowVersion is null ? null : new RowGuard(Known.RowVersion, null, null);
}
