using LeoPS.Statuses;

namespace LeoPS.Changes;

/// <summary>Why a row was not edited or deleted, decided from what a later look shows; or, before anything is written, what would come of it.</summary>
public static class GuardedVerdict
{
    /// <summary>Decides about a row that a statement did not write.</summary>
    /// <param name="noun">What a row is called in messages.</param>
    /// <param name="guard">What the object knew of its row; null for a bare id.</param>
    /// <param name="id">The row meant.</param>
    /// <param name="seen">The row as a new snapshot shows it; null where it is not visible.</param>
    /// <param name="obstacle">What else about the row as seen stands in the way; null for nothing.</param>
    /// <param name="held">True where the row was passed over because another transaction holds it.</param>
    /// <param name="role">The role in force, for messages.</param>
    /// <param name="waited">The lock timeout, for messages.</param>
    /// <param name="relooked">True where <paramref name="guard"/> was taken from an earlier look at a bare id.</param>
    /// <returns>Failed with its error; LookAgain where the row may be written now.</returns>
    public static Verdict Of<TStatus>(
        string noun, RowGuard? guard, Guid id, IStatusRow<TStatus>? seen, LeoException? obstacle, bool held, string role, TimeSpan waited, bool relooked)
        where TStatus : struct, Enum
    {
        if (relooked && seen is not null && guard is { } known && !Verdict.Holds(known, seen))
        {
            return new Verdict(VerdictKind.LookAgain, null);
        }

        if (Preview(noun, guard, id, seen, obstacle, role) is { } refusal)
        {
            return new Verdict(VerdictKind.Failed, refusal);
        }

        if (held)
        {
            return new Verdict(VerdictKind.Failed, LeoErrors.RowLocked(noun, seen!.GetLabel(), waited));
        }

        // A bare id may have come into sight between the two statements: once more, guarded by this look.
        return guard is null
            ? new Verdict(VerdictKind.LookAgain, null)
            : new Verdict(VerdictKind.Failed, LeoErrors.Forbidden(noun, seen!.GetLabel(), role));
    }

    /// <summary>Decides, before anything is written, what stands in the way; null where nothing can be seen that does.</summary>
    public static LeoException? Preview<TStatus>(string noun, RowGuard? guard, Guid id, IStatusRow<TStatus>? seen, LeoException? obstacle, string role)
        where TStatus : struct, Enum =>
        seen is null ? LeoErrors.NotFound(noun, id.ToString(), role)
        : guard is { } known && !Verdict.Holds(known, seen) ? LeoErrors.EditConflict(noun, seen.GetLabel(), seen.GetUpdatedAt())
        : obstacle;
}
