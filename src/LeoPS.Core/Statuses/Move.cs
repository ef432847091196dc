namespace LeoPS.Statuses;

/// <summary>One way from a status to another, with what it does to the table's timestamp columns.</summary>
/// <param name="From">The status the row must have.</param>
/// <param name="To">The status it gets.</param>
/// <param name="Stamps">One action per column of <see cref="TransitionTable{TStatus}.StampColumns"/>, in that order.</param>
public sealed record Move<TStatus>(TStatus From, TStatus To, IReadOnlyList<StampAction> Stamps)
    where TStatus : struct, Enum;
