using LeoPS.Changes;

namespace LeoPS.Postgres.Changes;

/// <summary>One row of a batch while it is being worked on: where its outcome goes, and the guard in force for it.</summary>
/// <param name="Index">Place in the batch as given.</param>
/// <param name="Change">What is asked.</param>
/// <param name="Guard">The object's own guard, or the one taken from a look at a bare id.</param>
/// <param name="Relooked">True where the guard is from such a look.</param>
internal sealed record GuardedChange<TRow>(int Index, StatusChange<TRow> Change, RowGuard? Guard, bool Relooked)
    where TRow : class;
