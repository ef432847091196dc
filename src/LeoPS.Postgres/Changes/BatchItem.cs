using LeoPS.Changes;

namespace LeoPS.Postgres.Changes;

/// <summary>One row of a batch while it is being worked on: where its outcome goes, and the guard in force for it.</summary>
/// <param name="Index">Place in the batch as given.</param>
/// <param name="Change">What is asked.</param>
/// <param name="Guard">The object's own guard, or the one taken from a look at a bare id; null where nothing is known of the row.</param>
/// <param name="Relooked">True where the guard is from such a look.</param>
/// <param name="Apart">True where a look showed that the row cannot be written together with the others.</param>
internal sealed record BatchItem<TChange>(int Index, TChange Change, RowGuard? Guard, bool Relooked = false, bool Apart = false)
    where TChange : class, IRowChange;
