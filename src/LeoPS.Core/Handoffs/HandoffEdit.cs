using LeoPS.Changes;

namespace LeoPS.Handoffs;

/// <summary>One handoff that is to be edited.</summary>
/// <param name="Id">The handoff meant.</param>
/// <param name="Guard">What the object knew of its row; null for a bare id, which nothing guards.</param>
/// <param name="Source">What the user gave; the TargetObject of an error.</param>
/// <param name="Values">What is written.</param>
public sealed record HandoffEdit(Guid Id, RowGuard? Guard, object? Source, HandoffValues Values) : IRowChange<Guid>
{
    /// <summary>Further columns of the table.</summary>
    public AdditionalColumns AdditionalColumns { get; init; } = AdditionalColumns.None;
}
