using LeoPS.Statuses;

namespace LeoPS.Changes;

/// <summary>Where all rows of one call are to go.</summary>
/// <param name="Table">The transition table of the rows.</param>
/// <param name="Target">The status asked for.</param>
/// <param name="Force">True where moves off the path are allowed.</param>
/// <param name="Reason">Kept with the row; null or blank means none.</param>
public sealed record StatusMove<TStatus>(TransitionTable<TStatus> Table, TStatus Target, bool Force, string? Reason)
    where TStatus : struct, Enum
{
    /// <summary>The moves that may happen.</summary>
    public IReadOnlyList<Move<TStatus>> Moves { get; } = Table.MovesTo(Target, Force);

    /// <summary>False where the call has no -Force that could be advised.</summary>
    public bool Forcible { get; init; } = true;

    /// <summary>True where a row of this status may move; one without a status may not.</summary>
    public bool IsOpenTo(TStatus? from) => Moves.Any(m => m.From.Equals(from));

    /// <summary>The reason on one line, or null where none was given.</summary>
    public string? ReasonLine =>
        string.IsNullOrWhiteSpace(Reason) ? null : string.Join(' ', Reason.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>Fails where the target needs a reason and none was given, or where no column could hold it. No force skips this.</summary>
    /// <exception cref="LeoException">ReasonRequired, ValueOutOfRange.</exception>
    public void RequireReason()
    {
        if (Reason?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, "The reason holds a NUL character, which no text column can. Leave it out.");
        }

        if (Table.NeedsReason(Target) && ReasonLine is null)
        {
            throw LeoErrors.ReasonRequired(Table.Noun, Target);
        }
    }

    /// <summary>Those of these statuses whose rows would move; one that is the target itself is left out.</summary>
    /// <exception cref="LeoException">InvalidTransition; rows of one of them may not move.</exception>
    public IReadOnlyList<TStatus> OpenAmong(IEnumerable<TStatus> statuses)
    {
        TStatus[] others = [.. statuses.Where(s => !s.Equals(Target))];
        foreach (TStatus status in others.Where(s => !IsOpenTo(s)))
        {
            throw LeoErrors.InvalidTransition(Table, "selected by -CurrentStatus", status, Target);
        }

        return others;
    }
}
