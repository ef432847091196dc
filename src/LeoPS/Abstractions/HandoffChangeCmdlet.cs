using LeoPS.Changes;
using LeoPS.Handoffs;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that makes or changes many handoffs.</summary>
public abstract class HandoffChangeCmdlet<TChange> : BulkChangeCmdlet<TChange, HandoffPreparation>
    where TChange : class, IRowChange<Guid>
{
    private protected const string InputSet = "InputObject";

    /// <inheritdoc/>
    private protected override string Noun => HandoffTransitions.Table.Noun;

    /// <inheritdoc/>
    private protected override HandoffPreparation? LookUp(TChange change) => LookUp(change.Id);

    /// <summary>The row of an id as it is now; null where it is not visible.</summary>
    private protected HandoffPreparation? LookUp(Guid id) =>
        ReadOne(token => Database.Handoffs.ReadAsync(new HandoffQuery { Filter = new HandoffFilter { Ids = [id] } }, Context, token));

    /// <inheritdoc/>
    private protected override string Describe(HandoffPreparation row) => $"{row.SdKey ?? row.SdId} handoff {row.Id}";
}
