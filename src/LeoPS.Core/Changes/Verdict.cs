using LeoPS.Statuses;

namespace LeoPS.Changes;

/// <summary>Why a row did not move, decided from what a later look at it shows.</summary>
/// <param name="Kind">What to do about it.</param>
/// <param name="Error">The row's error where it failed; null otherwise.</param>
public readonly record struct Verdict(VerdictKind Kind, LeoException? Error)
{
    /// <summary>Decides about a row that the update did not return.</summary>
    /// <param name="move">Where the row was to go.</param>
    /// <param name="guard">What the object knew of its row; null for a bare id.</param>
    /// <param name="id">The row meant.</param>
    /// <param name="seen">The row as a new snapshot shows it; null where it is not visible.</param>
    /// <param name="held">True where the row was passed over because another transaction holds it.</param>
    /// <param name="role">The role in force, for messages.</param>
    /// <param name="waited">The lock timeout, for messages.</param>
    /// <param name="relooked">True where <paramref name="guard"/> was taken from an earlier look at a bare id.</param>
    /// <param name="hasValues">True where more than the status was to be written: being at the target is then no success.</param>
    public static Verdict Of<TStatus>(
        StatusMove<TStatus> move,
        RowGuard? guard,
        Guid id,
        IStatusRow<TStatus>? seen,
        bool held,
        string role,
        TimeSpan waited,
        bool relooked,
        bool hasValues = false)
        where TStatus : struct, Enum
    {
        string noun = move.Table.Noun;
        if (seen is null)
        {
            return Fail(LeoErrors.NotFound(noun, id.ToString(), role));
        }

        if (guard is { } known && !Holds(known, seen))
        {
            return relooked
                ? new Verdict(VerdictKind.LookAgain, null)
                : Fail(LeoErrors.StatusConflict(noun, seen.GetLabel(), known.StatusText, seen.Status, seen.GetUpdatedAt()));
        }

        if (move.Target.Equals(seen.Status))
        {
            return hasValues
                ? Fail(LeoErrors.AlreadyThere(noun, seen.GetLabel(), move.Target))
                : new Verdict(VerdictKind.AlreadyThere, null);
        }

        if (!move.IsOpenTo(seen.Status))
        {
            return Fail(LeoErrors.InvalidTransition(move.Table, seen.GetLabel(), seen.Status, move.Target, move.Forcible));
        }

        if (held)
        {
            return Fail(LeoErrors.RowLocked(noun, seen.GetLabel(), waited));
        }

        // A bare id may have come into an open status between the two statements: once more, guarded by this look.
        return guard is null
            ? new Verdict(VerdictKind.LookAgain, null)
            : Fail(LeoErrors.Forbidden(noun, seen.GetLabel(), role));
    }

    /// <summary>Decides, before anything is written, what would come of a row; null where it would move.</summary>
    public static Verdict? Preview<TStatus>(
        StatusMove<TStatus> move, RowGuard? guard, Guid id, IStatusRow<TStatus>? seen, string role, bool hasValues = false)
        where TStatus : struct, Enum
    {
        bool moves = seen is not null && (guard is not { } known || Holds(known, seen)) && move.IsOpenTo(seen.Status);
        return moves ? null : Of(move, guard, id, seen, held: false, role, TimeSpan.Zero, relooked: false, hasValues);
    }

    /// <summary>True where the row is still the one the guard was taken from.</summary>
    public static bool Holds<TStatus>(RowGuard guard, IStatusRow<TStatus> seen)
        where TStatus : struct, Enum =>
        guard.Holds(seen.RowVersion, ToColumn(seen.Status), seen.GetUpdatedAt());

    private static string? ToColumn<TStatus>(TStatus? status)
        where TStatus : struct, Enum =>
        status is { } known ? StatusNames<TStatus>.ToColumn(known) : null;

    private static Verdict Fail(LeoException error) => new(VerdictKind.Failed, error);
}
