using System.Management.Automation;
using LeoPS.Access;
using LeoPS.Statuses;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Commands;

/// <summary>Restart-FlowExecution: runs ended runs again with the same input, as new runs that are linked with them, in bulk.</summary>
[Cmdlet(VerbsLifecycle.Restart, "FlowExecution", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FlowExecution), typeof(ChangeSummary))]
public sealed class RestartFlowExecutionCommand : NamedRunsCmdlet<RunRestart>
{
    private RunStartRules _rules = null!;

    /// <summary>Queues the new runs instead of starting them.</summary>
    [Parameter]
    public SwitchParameter Queue { get; set; }

    /// <summary>Restarts runs of archived and deprecated flows too, and runs that were restarted before. Skips no prompt and no guard.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>While one batch waits for its flows' counters, the next is written; a third would only wait as well.</summary>
    private protected override int MaxInFlight => 2;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _rules = new RunStartRules(Queue ? ExecutionStatus.Pending : ExecutionStatus.Running, KeyConflict.Fail, Force);
        base.BeginProcessing();
    }

    private PlannedWrite NewRun => PlannedWrite.Of(Noun, TableCommand.Insert, ("status", StatusNames<ExecutionStatus>.ToColumn(_rules.Status))) with
    {
        AlsoGiven = Governance.Carried,
    };

    /// <inheritdoc/>
    private protected override Task<BulkResult<FlowExecution>> ApplyAsync(IReadOnlyList<RunRestart> changes, CancellationToken cancellationToken) =>
        Database.Executions.RestartAsync(_rules, changes, Options, Context, cancellationToken);

    /// <inheritdoc/>
    private protected override void Take(ExecutionIdentity identity)
    {
        var restart = new RunRestart(identity.Id, identity.Guard, identity.Source);
        if (!WillAskNow)
        {
            Add(restart);
            return;
        }

        RestartSight sight = Await(token => Database.Executions.LookAtRestartAsync(restart.Id, Context, token));
        if (RestartVerdict.Preview(_rules, restart.Id, restart.Guard, sight, Database.Server.Role) is { } refusal)
        {
            Reject(identity.Source, refusal);
        }
        else if (!IsForbidden(PlannedWrite.Of(Noun, TableCommand.Update, ("metadata", "{}")), identity.Source)
            && !IsForbidden(NewRun, identity.Source)
            && ShouldProcess(Describe(sight.Row!), Queue ? "Queue a new run with its input" : "Start a new run with its input"))
        {
            Add(restart);
        }
    }
}
