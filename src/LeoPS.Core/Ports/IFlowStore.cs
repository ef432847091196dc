using LeoPS.Flows;
using LeoPS.Reading;

namespace LeoPS.Ports;

/// <summary>crewai_flows.</summary>
public interface IFlowStore
{
    /// <summary>Streams flows in chunks. An unreadable row is an item of its own and the stream goes on.</summary>
    /// <exception cref="LeoException">SchemaMissing, Forbidden, CommandTimedOut, ConnectionLost; NotFound for ResumeAfter.</exception>
    IAsyncEnumerable<IReadOnlyList<ReadItem<Flow>>> ReadAsync(FlowQuery query, CallContext context, CancellationToken cancellationToken);
}
