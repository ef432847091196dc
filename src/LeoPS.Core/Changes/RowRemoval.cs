namespace LeoPS.Changes;

/// <summary>One row that is to be deleted.</summary>
/// <param name="Id">The row meant.</param>
/// <param name="Guard">What the object knew of its row; null for a bare id, which nothing guards.</param>
/// <param name="Source">What the user gave; the TargetObject of an error.</param>
public sealed record RowRemoval(Guid Id, RowGuard? Guard, object? Source) : IRowChange<Guid>;
