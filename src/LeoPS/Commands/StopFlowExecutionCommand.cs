using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Commands;

/// <summary>Stop-FlowExecution: cancels pending and running runs, in bulk, or gives them up as timed out; also those that are old, or whose process is gone.</summary>
[Cmdlet(VerbsLifecycle.Stop, "FlowExecution", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FlowExecution), typeof(ChangeSummary))]
public sealed class StopFlowExecutionCommand : RunEndCmdlet
{
    private const string AgeSet = "OlderThan";
    private const string OrphanSet = "Orphaned";

    /// <summary>Selects, on the server, runs that began at least so long ago; pending ones that were queued so long ago.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AgeSet)]
    [Parameter(ParameterSetName = OrphanSet)]
    [DurationTransformation]
    public TimeSpan? OlderThan { get; set; }

    /// <summary>Selects, on the server, running executions whose process is gone; see Get-FlowExecution.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OrphanSet)]
    public SwitchParameter Orphaned { get; set; }

    /// <summary>Narrows the selection to flows, by their keys, with wildcards.</summary>
    [Parameter(ParameterSetName = AgeSet)]
    [Parameter(ParameterSetName = OrphanSet)]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? FlowKey { get; set; }

    /// <summary>Ends running executions as timed out instead of cancelled.</summary>
    [Parameter]
    public SwitchParameter AsTimeout { get; set; }

    /// <summary>Why: becomes the error message of the runs, and goes to the history.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? Reason { get; set; }

    private bool Selects => ParameterSetName is AgeSet or OrphanSet;

    private ExecutionFilter Selection => new()
    {
        Statuses = [.. EndMove.Moves.Select(m => m.From)],
        FlowKeys = FlowKey,
        OlderThan = OlderThan,
        Orphaned = Orphaned,
    };

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        EndMove = new StatusMove<ExecutionStatus>(ExecutionTransitions.Table, AsTimeout ? ExecutionStatus.Timeout : ExecutionStatus.Cancelled, false, Reason) { Forcible = false };
        Guard(EndMove.RequireReason);
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Selects && WillStop())
        {
            if (Atomic)
            {
                WriteAtomicResult(Await(token => Database.Executions.ChangeSelectedAtomicallyAsync(EndMove, Selection, BatchSize, Context, token)));
            }
            else
            {
                WriteBatches(token => Database.Executions.ChangeSelectedAsync(EndMove, Selection, BatchSize, Context, token), row => row.Id);
            }
        }

        base.EndProcessing();
        ReportUnknownFlows(FlowKey);
    }

    /// <inheritdoc/>
    private protected override void Take(ExecutionIdentity identity) =>
        Take(new ExecutionChange(identity.Id, identity.Guard, identity.Row, identity.Source, RunValues.None));

    /// <summary>Where the user is told or asked, one question with the number of runs.</summary>
    private bool WillStop()
    {
        if (!WillAskNow)
        {
            return true;
        }

        long count = Await(token => Database.Executions.CountAsync(Selection, Context, token));
        string which = Orphaned ? "orphaned executions" : "executions";
        string question = $"Move {count:N0} {which} {string.Join(", ", Selection.Statuses!.Where(s => !Orphaned || s == ExecutionStatus.Running))} → {EndMove.Target}";
        return !IsForbidden(PlannedMove(EndMove) with { MeetsNoRow = count == 0 }, MyInvocation.MyCommand.Name) && ShouldProcess(question, $"{question}?", MyInvocation.MyCommand.Name);
    }
}
