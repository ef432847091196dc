using LeoPS.Ports;

namespace LeoPS.Postgres.Flows;

/// <summary>Flows that are deleted go to one export, and their executions, gathered before, to another.</summary>
/// <param name="flows">Takes the flows; null for no copy.</param>
/// <param name="executions">Takes their executions; null for no copy.</param>
internal sealed class FlowExport(IRowExport<Flow>? flows, IRowExport<FlowExecution>? executions) : IRowExport<Flow>
{
    private readonly Dictionary<Guid, IReadOnlyList<FlowExecution>> _executions = [];

    /// <summary>Takes the executions of a flow, until the flow is written.</summary>
    public void Gather(Guid flowId, IReadOnlyList<FlowExecution> rows) => _executions[flowId] = rows;

    public void Write(IEnumerable<Flow> rows)
    {
        Flow[] all = [.. rows];
        executions?.Write(all.SelectMany(f => _executions.GetValueOrDefault(f.Id) ?? []));
        flows?.Write(all);
    }

    public void Keep()
    {
        executions?.Keep();
        flows?.Keep();
        _executions.Clear();
    }

    public void TakeBack()
    {
        executions?.TakeBack();
        flows?.TakeBack();
    }
}
