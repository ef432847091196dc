using LeoPS.Changes;
using LeoPS.Reading;
using LeoPS.Sessions;

namespace LeoPS.Ports;

/// <summary>exec_implementation_sessions.</summary>
public interface ISessionStore
{
    /// <summary>Streams implementation sessions in chunks. An unreadable row is an item of its own and the stream goes on.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost; NotFound for ResumeAfter.</exception>
    IAsyncEnumerable<IReadOnlyList<ReadItem<ImplementationSession>>> ReadAsync(SessionQuery query, CallContext context, CancellationToken cancellationToken);

    /// <summary>The directive of each of these ids or keys and its active sessions, in one statement; one answer per name, in the order given.</summary>
    Task<IReadOnlyList<ActiveSessions>> FindActiveAsync(IReadOnlyList<string> sdNames, CallContext context, CancellationToken cancellationToken);

    /// <summary>Makes one session, checked before; Changed with its row, or Failed.</summary>
    /// <exception cref="LeoException">What concerns not this row alone: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.</exception>
    Task<ChangeOutcome<ImplementationSession>> CreateAsync(NewSession session, CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Edits sessions and stamps updated_at, and completed_at where a session ends; one outcome per edit, in the order given. Ids must differ.
    /// </summary>
    /// <exception cref="LeoException">
    /// What concerns all rows: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.
    /// </exception>
    Task<BulkResult<ImplementationSession>> EditAsync(
        IReadOnlyList<SessionEdit> edits, BulkOptions options, CallContext context, CancellationToken cancellationToken);

    /// <summary>What stands in the way of an edit, without making it; null where nothing can be seen that does.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="row">The session as it is now.</param>
    /// <param name="context">What the statements carry along.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<LeoException?> FindObstacleAsync(SessionEdit edit, ImplementationSession row, CallContext context, CancellationToken cancellationToken);
}
