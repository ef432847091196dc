using LeoPS.Changes;

namespace LeoPS.Sessions;

/// <summary>One implementation session that is to be edited.</summary>
/// <param name="Id">The session meant.</param>
/// <param name="Guard">What the object knew of its row; null for a bare id, which nothing guards.</param>
/// <param name="Source">What the user gave; the TargetObject of an error.</param>
/// <param name="Status">The status that it gets, which <paramref name="Values"/> hold too; null where it keeps its own.</param>
/// <param name="Values">What is written.</param>
public sealed record SessionEdit(Guid Id, RowGuard? Guard, object? Source, SessionStatus? Status, RowValues Values)
    : RowEdit<Guid>(Id, Guard, Source, Values);
