namespace LeoPS.Changes;

/// <summary>One row that is to move, as the user gave it.</summary>
/// <param name="Id">The row meant.</param>
/// <param name="Guard">What the object knew of its row; null for a bare id, which only the transition guards.</param>
/// <param name="Row">The live object, where one was given: storage then needs to read back only what the move changes.</param>
/// <param name="Source">What the user gave; the TargetObject of an error.</param>
public sealed record StatusChange<TRow>(Guid Id, RowGuard? Guard, TRow? Row, object? Source) : IRowChange
    where TRow : class;
