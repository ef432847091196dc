using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Access;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>Remove-FlowExecution: deletes ended runs in bulk, by age or as they are named, with a copy of each in a file where that is asked for.</summary>
[Cmdlet(VerbsCommon.Remove, "FlowExecution", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void), typeof(ChangeSummary))]
public sealed class RemoveFlowExecutionCommand : NamedRunsCmdlet<RowRemoval>
{
    private const string AgeSet = "OlderThan";
    private const int FoundAtOnce = 10_000;
    private RowExport<FlowExecution>? _export;

    /// <summary>Deletes the runs that ended longer ago than this.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AgeSet)]
    [DurationTransformation]
    public TimeSpan OlderThan { get; set; }

    /// <summary>Narrows the selection to keys of flows, with wildcards.</summary>
    [Parameter(ParameterSetName = AgeSet)]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? FlowKey { get; set; }

    /// <summary>Narrows the selection to statuses.</summary>
    [Parameter(ParameterSetName = AgeSet)]
    [EnumTransformation<ExecutionStatus>]
    public ExecutionStatus[]? Status { get; set; }

    /// <summary>A new file that gets a line of JSON for each run before it is gone.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ExportPath { get; set; }

    /// <summary>Deletes runs that have not ended, too. Skips no prompt and no guard.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    private protected override bool ShowsRows => false;

    /// <summary>The file is written by one batch after the other.</summary>
    private protected override int MaxInFlight => _export is null ? base.MaxInFlight : 1;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (ParameterSetName == AgeSet)
        {
            Guard(() => RetentionRules.Check(OlderThan, Status, Force));
        }

        if (ExportPath is not null)
        {
            _export = Guard(() => ExportFile.New<FlowExecution>(SessionState, ExportPath, Noun, ExecutionJson.Line), ExportPath);
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ParameterSetName == AgeSet)
        {
            TakeSelection();
        }

        base.EndProcessing();
        ReportUnknownFlows(FlowKey);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // First the batches on their way, which may still write.
        base.Dispose(disposing);
        if (disposing)
        {
            _export?.Dispose();
        }
    }

    /// <inheritdoc/>
    private protected override Task<BulkResult<FlowExecution>> ApplyAsync(IReadOnlyList<RowRemoval> changes, CancellationToken cancellationToken) =>
        Database.Executions.RemoveAsync(changes, Force, Options, _export, Context, cancellationToken);

    /// <inheritdoc/>
    private protected override void Take(ExecutionIdentity identity) => AddGuarded<ExecutionStatus>(
        new RowRemoval(identity.Id, identity.Guard, identity.Source), row => Force ? null : RunEnd.Missing(row, RetentionRules.Advice), "Remove");

    /// <summary>Asks once, with the count, and then takes the runs part by part: each is still guarded, since it may change meanwhile.</summary>
    private void TakeSelection()
    {
        ExecutionFilter filter = RetentionRules.Filter(OlderThan, Status, FlowKey, Force);
        if (WillAskNow)
        {
            long count = Await(token => Database.Executions.CountAsync(filter, Context, token));
            string question = $"Remove {count:N0} executions that ended more than {Duration.Describe(OlderThan)} ago";
            if (count == 0)
            {
                WriteVerbose("no execution is that old");
                return;
            }

            if (IsForbidden(PlannedWrite.Of(Noun, TableCommand.Delete), null) || !ShouldProcess(question, $"{question}?", MyInvocation.MyCommand.Name))
            {
                return;
            }
        }

        Guid? last = null;
        do
        {
            Guid? after = last;
            IReadOnlyList<RowRemoval> found = Await(token => Database.Executions.FindAsync(filter, after, FoundAtOnce, Context, token));
            foreach (RowRemoval removal in found)
            {
                Add(removal);
            }

            last = found.Count < FoundAtOnce ? null : found[^1].Id;
        }
        while (last is not null);
    }
}
