using LeoPS.Changes;

namespace LeoPS.Executions;

/// <summary>One ended run that is to be run again, as a new run.</summary>
/// <param name="Id">The ended run.</param>
/// <param name="Guard">What the object knew of its row; null for a bare id.</param>
/// <param name="Source">What the user gave; the TargetObject of an error.</param>
public sealed record RunRestart(Guid Id, RowGuard? Guard, object? Source) : IRowChange<Guid>
{
    /// <summary>id of the new run.</summary>
    public Guid NewId { get; init; } = Guid.NewGuid();
}
