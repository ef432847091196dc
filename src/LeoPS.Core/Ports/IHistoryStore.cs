using LeoPS.History;
using LeoPS.Reading;

namespace LeoPS.Ports;

/// <summary>The history of status changes of one table.</summary>
/// <typeparam name="TEntry">A change.</typeparam>
/// <typeparam name="TQuery">Which changes.</typeparam>
public interface IHistoryStore<TEntry, TQuery>
    where TEntry : HistoryEntry
    where TQuery : HistoryQuery
{
    /// <summary>Streams changes in chunks, newest first. An unreadable one is an item of its own and the stream goes on.</summary>
    /// <exception cref="LeoException">HistoryMissing, Forbidden, CommandTimedOut, ConnectionLost.</exception>
    IAsyncEnumerable<IReadOnlyList<ReadItem<TEntry>>> ReadAsync(TQuery query, CallContext context, CancellationToken cancellationToken);

    /// <summary>Which of these ids no visible row of the table has, in the order given.</summary>
    Task<IReadOnlyList<Guid>> FindUnknownAsync(IReadOnlyList<Guid> ids, CallContext context, CancellationToken cancellationToken);
}
