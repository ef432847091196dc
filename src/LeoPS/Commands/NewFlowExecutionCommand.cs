using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;

namespace LeoPS.Commands;

/// <summary>New-FlowExecution: queues runs of flows, in bulk, and returns them; they wait for Start-FlowExecution.</summary>
[Cmdlet(VerbsCommon.New, "FlowExecution", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FlowExecution), typeof(ChangeSummary))]
public sealed class NewFlowExecutionCommand : RunStartCmdlet
{
    /// <summary>Flows to queue a run of: objects, ids or keys of flows, or rows with a FlowKey or FlowId.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [RunIdentityTransformation(BareNamesFlow = true)]
    public RunIdentity[]? InputObject { get; set; }

    /// <inheritdoc/>
    private protected override ExecutionStatus NewStatus => ExecutionStatus.Pending;

    /// <inheritdoc/>
    private protected override string Action => "Queue a run";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            foreach (RunIdentity identity in InputObject ?? [RunIdentity.Nothing])
            {
                Start(identity.IsFlow || identity.Error is not null
                    ? identity
                    : new RunIdentity(LeoErrors.InvalidFlow("A FlowExecution"), identity.Source));
            }
        }
    }
}
