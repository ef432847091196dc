namespace LeoPS.Changes;

/// <summary>One row that is to move, as the user gave it.</summary>
/// <param name="Id">The row meant.</param>
/// <param name="Guard">What the object knew of its row; null for a bare id, which only the transition guards.</param>
/// <param name="Row">The live object, where one was given: storage then needs to read back only what the move changes.</param>
/// <param name="Source">What the user gave; the TargetObject of an error.</param>
public record StatusChange<TRow>(Guid Id, RowGuard? Guard, TRow? Row, object? Source) : IRowChange<Guid>
    where TRow : class
{
    /// <summary>True where more than the status is to be written: a row that has the status already is then not as asked for.</summary>
    public virtual bool HasValues => false;
}
