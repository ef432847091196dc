using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Reading;

namespace LeoPS.Ports;

/// <summary>exec_handoff_preparations.</summary>
public interface IHandoffStore
{
    /// <summary>Streams handoffs in chunks. An unreadable row is an item of its own and the stream goes on.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost; NotFound for ResumeAfter.</exception>
    IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> ReadAsync(HandoffQuery query, CallContext context, CancellationToken cancellationToken);

    /// <summary>How many handoffs match.</summary>
    Task<long> CountAsync(HandoffFilter filter, CallContext context, CancellationToken cancellationToken);

    /// <summary>Figures over the handoffs that match, one measure per group that has any, in the order of the groups; without groups one measure of all.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost; UnreadableRow for a status that is none.</exception>
    Task<IReadOnlyList<HandoffMeasure>> MeasureAsync(HandoffFilter filter, IReadOnlyList<HandoffGroup> groupBy, CallContext context, CancellationToken cancellationToken);

    /// <summary>Which of these SD ids or keys no directive and no handoff has.</summary>
    Task<IReadOnlyList<string>> FindUnknownSdsAsync(IReadOnlyList<string> sdIds, CallContext context, CancellationToken cancellationToken);

    /// <summary>Moves one batch in one round trip; one outcome per change, in the order given. Ids must differ.</summary>
    /// <exception cref="LeoException">What concerns the whole batch: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.</exception>
    Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> ChangeAsync(
        StatusMove<HandoffStatus> move, IReadOnlyList<StatusChange<HandoffPreparation>> batch, CallContext context, CancellationToken cancellationToken);

    /// <summary>Moves all rows in one transaction; where one fails, none is changed, and <see cref="AtomicResult{TRow}.Committed"/> is false.</summary>
    /// <exception cref="LeoException">As for <see cref="ChangeAsync"/>.</exception>
    Task<AtomicResult<HandoffPreparation>> ChangeAtomicallyAsync(
        StatusMove<HandoffStatus> move, IReadOnlyList<StatusChange<HandoffPreparation>> changes, int batchSize, CallContext context, CancellationToken cancellationToken);

    /// <summary>Moves every handoff that matches, in one statement; without <paramref name="returnRows"/> only the number comes back.</summary>
    /// <exception cref="LeoException">As for <see cref="ChangeAsync"/>.</exception>
    Task<SelectionResult<HandoffPreparation>> ChangeSelectionAsync(
        StatusMove<HandoffStatus> move, HandoffFilter filter, bool atomic, bool returnRows, CallContext context, CancellationToken cancellationToken);
}
