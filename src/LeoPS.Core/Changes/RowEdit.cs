namespace LeoPS.Changes;

/// <summary>One row that is to be edited.</summary>
/// <param name="Id">The row meant.</param>
/// <param name="Guard">What the object knew of its row; null for a bare id, which nothing guards.</param>
/// <param name="Source">What the user gave; the TargetObject of an error.</param>
/// <param name="Values">What is written.</param>
public record RowEdit<TId>(TId Id, RowGuard? Guard, object? Source, RowValues Values) : IRowChange<TId>
    where TId : notnull;
