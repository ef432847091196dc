using LeoPS.Reading;
using LeoPS.Watching;

namespace LeoPS.Ports;

/// <summary>The changes of one table as they happen.</summary>
/// <typeparam name="TRow">A row.</typeparam>
/// <typeparam name="TWatch">Which changes.</typeparam>
public interface IChangeFeed<TRow, TWatch>
    where TRow : class
{
    /// <summary>What a watch goes by, and so how far it can be trusted.</summary>
    /// <exception cref="LeoException">CommandTimedOut, ConnectionLost.</exception>
    Task<WatchBasis> FindBasisAsync(CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Gives the rows whose status changes from now on, one item a change, in the order of the changes of each row, until it is cancelled.
    /// A row that has changed again since comes with the status of its change, and with a row version that no row has.
    /// Goes on after the connection broke. Only a few thousand rows are read ahead of whoever takes them.
    /// </summary>
    /// <exception cref="LeoException">ConnectionLost before it began; Forbidden, SchemaMissing, CommandTimedOut.</exception>
    IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> WatchAsync(TWatch watch, CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Listens for changes of any row, for whoever waits for one and reads it himself. Listen first and read then: no change falls between.
    /// </summary>
    /// <exception cref="LeoException">ConnectionLost, CommandTimedOut.</exception>
    Task<IChangeSignal> ListenAsync(CallContext context, CancellationToken cancellationToken);
}
