using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Access;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Flows;
using LeoPS.Reading;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>Remove-Flow: deletes flows in bulk, guarded; those that have executions only where that is said.</summary>
[Cmdlet(VerbsCommon.Remove, "Flow", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void), typeof(ChangeSummary))]
public sealed class RemoveFlowCommand : BulkChangeCmdlet<FlowRemoval, Flow>
{
    private const string InputSet = "InputObject";
    private const string KeySet = "FlowKey";
    private const string IdSet = "FlowId";

    private FlowRemovalRules _rules = null!;
    private RowExport<Flow>? _export;
    private RowExport<FlowExecution>? _executionExport;

    /// <summary>The flows to delete: objects, ids, keys, or rows with an Id, FlowId or FlowKey.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [FlowIdentityTransformation]
    public FlowIdentity[]? InputObject { get; set; }

    /// <summary>Keys of the flows to delete, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = KeySet)]
    [SupportsWildcards]
    public string[] FlowKey { get; set; } = [];

    /// <summary>Ids of the flows to delete.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [NoSecretTransformation]
    public Guid[] FlowId { get; set; } = [];

    /// <summary>Deletes flows that have executions, and all their executions with them.</summary>
    [Parameter]
    public SwitchParameter IncludeExecutions { get; set; }

    /// <summary>With -IncludeExecutions, deletes executions that have not ended, too. Skips no prompt and no guard.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>A new file that gets a line of JSON for each flow before it is gone.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ExportPath { get; set; }

    /// <summary>A new file that gets a line of JSON for each execution before it is gone; -IncludeExecutions with -ExportPath needs it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ExecutionExportPath { get; set; }

    /// <inheritdoc/>
    private protected override string Noun => FlowVerdict.Noun;

    /// <inheritdoc/>
    private protected override bool ShowsRows => false;

    /// <summary>The files are written by one batch after the other.</summary>
    private protected override int MaxInFlight => _export is null && _executionExport is null ? base.MaxInFlight : 1;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        Guard(() => FlowRemovalRules.CheckExports(IncludeExecutions, ExportPath is not null, ExecutionExportPath is not null));
        _rules = new FlowRemovalRules(IncludeExecutions, Force, CopiesExecutions: ExecutionExportPath is not null);
        if (ExportPath is not null)
        {
            _export = Guard(() => ExportFile.New<Flow>(SessionState, ExportPath, Noun, FlowJson.Line), ExportPath);
        }

        if (ExecutionExportPath is not null)
        {
            _executionExport = Guard(
                () => ExportFile.New<FlowExecution>(SessionState, ExecutionExportPath, ExecutionTransitions.Table.Noun, ExecutionJson.Line), ExecutionExportPath);
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            TakeEach(InputObject ?? [FlowIdentity.Nothing], Take);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        switch (ParameterSetName)
        {
            case KeySet:
                TakeKeys();
                break;
            case IdSet:
                Array.ForEach(FlowId, id => Take(new FlowIdentity(id, default, null, id)));
                break;
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // First the batches on their way, which may still write.
        base.Dispose(disposing);
        if (disposing)
        {
            _export?.Dispose();
            _executionExport?.Dispose();
        }
    }

    /// <inheritdoc/>
    private protected override Task<BulkResult<Flow>> ApplyAsync(IReadOnlyList<FlowRemoval> changes, CancellationToken cancellationToken) =>
        Database.Flows.RemoveAsync(_rules, changes, Options, _export, _executionExport, Context, cancellationToken);

    /// <inheritdoc/>
    private protected override Flow? LookUp(FlowRemoval change) => Find(new FlowFilter { Ids = [change.Id] }).FirstOrDefault();

    /// <inheritdoc/>
    private protected override string Describe(Flow row) => $"flow {FlowVerdict.Label(row)}";

    private List<Flow> Find(FlowFilter filter) => Await(async token =>
    {
        var flows = new List<Flow>();
        var query = new FlowQuery { Filter = filter, OrderBy = FlowOrder.FlowKey };
        await foreach (IReadOnlyList<ReadItem<Flow>> chunk in Database.Flows.ReadAsync(query, Context, token).ConfigureAwait(false))
        {
            flows.AddRange(chunk.Select(item => item.Row));
        }

        return flows;
    });

    /// <summary>The flows that the keys match, each guarded by what was read; a key that is named in full and that no flow has is an error.</summary>
    private void TakeKeys()
    {
        List<Flow> found = Find(new FlowFilter { FlowKeys = Wildcard.Findable(FlowKey) });
        foreach (string missing in Wildcard.Names(FlowKey).Where(k => !found.Exists(f => f.FlowKey == k)))
        {
            Reject(missing, LeoErrors.FlowNotFound(missing, Database.Server.Role));
        }

        found.ForEach(flow => Take(new FlowRemoval(flow.Id, FlowVersion.Of(flow), flow), flow));
    }

    private void Take(FlowIdentity identity)
    {
        Flow? row = identity.FlowKey is { } key ? Find(new FlowFilter { OrKeys = [key] }).FirstOrDefault() : null;
        if (row is null && identity.FlowKey is not null)
        {
            Reject(identity.Source, LeoErrors.FlowNotFound(identity.FlowKey, Database.Server.Role));
            return;
        }

        Take(new FlowRemoval(row?.Id ?? identity.Id, identity.Known, identity.Source), row);
    }

    /// <param name="removal">The removal.</param>
    /// <param name="row">The flow as it is now; null where it has not been read.</param>
    private void Take(FlowRemoval removal, Flow? row)
    {
        if (!WillAskNow)
        {
            Add(removal);
            return;
        }

        row ??= LookUp(removal);
        FlowExecutionCount executions = row is null
            ? default
            : Await(token => Database.Flows.CountExecutionsAsync([row.Id], Context, token)).GetValueOrDefault(row.Id);
        if (FlowVerdict.Preview(removal, _rules, row, executions, Database.Server.Role) is { } refusal)
        {
            Reject(removal.Source, refusal);
        }
        else if (!IsForbidden(PlannedWrite.Of(Noun, TableCommand.Delete), removal.Source) && ShouldProcess(Describe(row!), executions.Describe()))
        {
            Add(removal);
        }
    }
}
