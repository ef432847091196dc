using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Reading;

namespace LeoPS.Ports;

/// <summary>strategic_directives_v2.</summary>
public interface IDirectiveStore
{
    /// <summary>Streams strategic directives in chunks. An unreadable row is an item of its own and the stream goes on.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost; NotFound for ResumeAfter.</exception>
    IAsyncEnumerable<IReadOnlyList<ReadItem<StrategicDirective>>> ReadAsync(DirectiveQuery query, CallContext context, CancellationToken cancellationToken);

    /// <summary>The id of each of these ids or keys, in one statement. An id wins over another directive's key of the same text; what no visible directive has is missing.</summary>
    Task<IReadOnlyDictionary<string, string>> ResolveAsync(IReadOnlyCollection<string> names, CallContext context, CancellationToken cancellationToken);

    /// <summary>The directives that have one of these names, as id or as key.</summary>
    Task<IReadOnlyList<StrategicDirective>> FindHoldersAsync(IReadOnlyCollection<string> names, CallContext context, CancellationToken cancellationToken);

    /// <summary>Makes one directive, checked before; Changed with its row, or Failed.</summary>
    /// <exception cref="LeoException">What concerns not this row alone: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.</exception>
    Task<ChangeOutcome<StrategicDirective>> CreateAsync(NewDirective directive, CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Edits directives, each named by id or key, and stamps updated_at; one outcome per edit, in the order given. Of two that name one directive the first
    /// counts.
    /// </summary>
    /// <exception cref="LeoException">
    /// What concerns all rows: SchemaMissing, ConnectionLost, CommandTimedOut, ReadOnlyConnection, Forbidden for want of table rights.
    /// </exception>
    Task<BulkResult<StrategicDirective>> EditAsync(
        IReadOnlyList<RowEdit<string>> edits, BulkOptions options, CallContext context, CancellationToken cancellationToken);

    /// <summary>Why the values of an edit cannot be written into this table, whatever the row is; null where nothing can be seen that stands in the way.</summary>
    Task<LeoException?> FindFaultAsync(RowEdit<string> edit, CallContext context, CancellationToken cancellationToken);
}
