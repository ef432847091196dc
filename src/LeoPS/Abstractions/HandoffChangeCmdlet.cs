using LeoPS.Changes;
using LeoPS.Handoffs;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that makes or changes many handoffs.</summary>
public abstract class HandoffChangeCmdlet<TChange> : BulkChangeCmdlet<TChange, HandoffPreparation>
    where TChange : class, IRowChange
{
    private protected const string InputSet = "InputObject";
    private bool _bareIdsTold;

    /// <inheritdoc/>
    private protected override string Noun => HandoffTransitions.Table.Noun;

    /// <inheritdoc/>
    private protected override HandoffPreparation? LookUp(Guid id) =>
        ReadOne(token => Database.Handoffs.ReadAsync(new HandoffQuery { Filter = new HandoffFilter { Ids = [id] } }, Context, token));

    /// <inheritdoc/>
    private protected override string Describe(HandoffPreparation row) => $"{row.SdKey ?? row.SdId} handoff {row.Id}";

    /// <summary>
    /// Takes one change that only the guard decides about. Where the user is told or asked, the row is looked up as it is now, so that the
    /// question names it; what would be refused anyway is refused without one.
    /// </summary>
    /// <param name="change">The change.</param>
    /// <param name="obstacle">What else about the row stands in the way; null for nothing.</param>
    /// <param name="action">What is done to the row, for questions.</param>
    private protected void AddGuarded(TChange change, Func<HandoffPreparation, LeoException?> obstacle, string action)
    {
        if (change.Guard is null && !_bareIdsTold)
        {
            _bareIdsTold = true;
            WriteVerbose($"bare ids (first {change.Id}) have no guard: a {Noun} object also knows whether its row changed since it was read");
        }

        if (!WillAskNow)
        {
            Add(change);
            return;
        }

        HandoffPreparation? row = LookUp(change.Id);
        if (GuardedVerdict.Preview<HandoffStatus>(Noun, change.Guard, change.Id, row, row is null ? null : obstacle(row), Database.Server.Role) is { } error)
        {
            Reject(change.Source, error);
        }
        else if (ShouldProcess(Describe(row!), action))
        {
            Add(change);
        }
    }
}
