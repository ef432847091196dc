using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Commands;

/// <summary>Start-FlowExecution: starts runs of flows, or runs that were queued, in bulk, and returns them.</summary>
[Cmdlet(VerbsLifecycle.Start, "FlowExecution", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FlowExecution), typeof(ChangeSummary))]
public sealed class StartFlowExecutionCommand : RunStartCmdlet
{
    /// <summary>Flows to run, or pending executions to start: objects, ids or keys of flows, or rows with a FlowKey or FlowId.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [RunIdentityTransformation(BareNamesFlow = true)]
    public RunIdentity[]? InputObject { get; set; }

    /// <summary>Ids of pending executions to start.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [NoSecretTransformation]
    public Guid[] Id { get; set; } = [];

    /// <inheritdoc/>
    private protected override ExecutionStatus NewStatus => ExecutionStatus.Running;

    /// <inheritdoc/>
    private protected override string Action => "Start a run";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            // The binder hands a null straight through; it is a row like any other, and a wrong one.
            foreach (RunIdentity identity in InputObject ?? [new RunIdentity(LeoErrors.InvalidFlow("An empty value"), null)])
            {
                Take(identity);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ParameterSetName == IdSet)
        {
            Array.ForEach(Id, id => Take(new RunIdentity(id, null, null, id)));
        }

        base.EndProcessing();
    }

    private void Take(RunIdentity identity)
    {
        if (identity.IsFlow || identity.Error is not null)
        {
            Start(identity);
            return;
        }

        IRowChange change;
        try
        {
            change = Queued(identity);
        }
        catch (LeoException refusal)
        {
            Reject(identity.Source, refusal);
            return;
        }

        Move(Rules.Move, change);
    }

    /// <exception cref="LeoException">InvalidJson; ValueOutOfRange.</exception>
    private ExecutionChange Queued(RunIdentity identity)
    {
        if (ExecutionKey is not null)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"Execution {identity.Id} was queued under a key of its own, and -ExecutionKey cannot give it another. Leave it out.");
        }

        return new ExecutionChange(identity.Id, identity.Guard, identity.Row, identity.Source, ValuesFor(identity.Source, new RowColumns(null)));
    }
}
