using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Executions;
using LeoPS.History;
using LeoPS.Ports;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>Get-FlowExecutionHistory: who moved which execution when, from which status to which, and why; newest first.</summary>
[Cmdlet(VerbsCommon.Get, "FlowExecutionHistory")]
[OutputType(typeof(FlowExecutionHistoryEntry))]
public sealed class GetFlowExecutionHistoryCommand : HistoryCmdlet<FlowExecutionHistoryEntry, ExecutionHistoryQuery, FlowExecution, ExecutionIdentity>
{
    /// <summary>Executions whose changes are meant: objects, ids, or rows with an Id.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    [ExecutionIdentityTransformation]
    public ExecutionIdentity[]? InputObject { get; set; }

    /// <summary>Keys of flows, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? FlowKey { get; set; }

    /// <summary>Execution keys, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? ExecutionKey { get; set; }

    /// <inheritdoc/>
    private protected override string Noun => ExecutionTransitions.Table.Noun;

    /// <inheritdoc/>
    private protected override IHistoryStore<FlowExecutionHistoryEntry, ExecutionHistoryQuery> Store => Database.ExecutionHistory;

    /// <inheritdoc/>
    private protected override bool OnlyIds => FlowKey is null && ExecutionKey is null && After is null && Before is null;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Ask(InputObject ?? []);

    /// <inheritdoc/>
    private protected override ExecutionHistoryQuery Query(IReadOnlyList<Guid>? ids) =>
        new() { Ids = ids, After = After, Before = Before, First = First, FlowKeys = FlowKey, ExecutionKeys = ExecutionKey };

    /// <inheritdoc/>
    private protected override void ReportUnknownNames()
    {
        if (AnyCame)
        {
            return;
        }

        ReportUnknownFlows(FlowKey);
        foreach (string key in (ExecutionKey ?? []).Where(k => !Wildcard.IsPattern(k)))
        {
            if (ReadOne(token => Database.Executions.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { ExecutionKeys = [key] } }, Context, token)) is null)
            {
                WriteRowError(LeoErrors.NotFound(Noun, key, Database.Server.Role), key);
            }
        }
    }
}
