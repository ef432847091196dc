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
    private const string NextSet = "Next";
    private readonly List<Guid> _started = [];

    /// <summary>Flows to run, or pending executions to start: objects, ids or keys of flows, or rows with a FlowKey or FlowId.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [RunIdentityTransformation(BareNamesFlow = true)]
    public RunIdentity[]? InputObject { get; set; }

    /// <summary>Ids of pending executions to start.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [NoSecretTransformation]
    public Guid[] Id { get; set; } = [];

    /// <summary>Waits for the runs to end; they come out then.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long -Wait waits; for ever without it.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? WaitTimeout { get; set; }

    /// <summary>Starts the oldest queued runs that no other worker takes.</summary>
    [Parameter(Mandatory = true, ParameterSetName = NextSet)]
    public SwitchParameter Next { get; set; }

    /// <summary>The key of the flow; with -Next of the flow whose queued runs are meant, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = FlowKeySet)]
    [Parameter(Position = 0, ParameterSetName = NextSet)]
    [SupportsWildcards]
    public override string FlowKey { get; set; } = "";

    /// <summary>How many queued runs to start at the most.</summary>
    [Parameter(ParameterSetName = NextSet)]
    [ValidateRange(1, int.MaxValue)]
    [WholeNumberTransformation]
    public int Count { get; set; } = 1;

    /// <inheritdoc/>
    private protected override ExecutionStatus NewStatus => ExecutionStatus.Running;

    /// <inheritdoc/>
    private protected override string ActionOf(RunStart start) => "Start a run";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (WaitTimeout is not null && !Wait)
        {
            Guard<bool>(() => throw new LeoException(LeoErrorId.ValueOutOfRange, "-WaitTimeout says how long -Wait waits, and nothing waits without that. Give -Wait too."));
        }

        base.BeginProcessing();
        if (Wait && InTransaction)
        {
            Guard<bool>(() => throw new LeoException(
                LeoErrorId.DatabaseError, "Nobody else sees a run that is started in a transaction, so that nobody could end it and -Wait would never return. Pipe the runs to Wait-FlowExecution behind Invoke-LeoTransaction."));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            Array.ForEach(InputObject ?? [RunIdentity.Nothing], Take);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ParameterSetName == IdSet)
        {
            Array.ForEach(Id, id => Take(new RunIdentity(id, null, null, id)));
        }
        else if (ParameterSetName == NextSet)
        {
            Claim();
        }

        base.EndProcessing();
        WaitForRuns(_started, WaitTimeout, any: false, showsRows: !Summary, $"-{nameof(WaitTimeout)}");
    }

    /// <inheritdoc/>
    private protected override bool KeepsBack(FlowExecution row)
    {
        if (Wait)
        {
            _started.Add(row.Id);
        }

        return Wait;
    }

    /// <summary>Starts queued runs, batch by batch, until there are enough or no more.</summary>
    private void Claim()
    {
        RunClaim? claim = Guard(NewClaim, FlowKey);
        if (WillAskNow)
        {
            QueueSight sight = Await(token => Database.Executions.LookAtQueueAsync(claim, Context, token));
            string question = $"Start {sight.Waiting:N0} queued executions";
            if (sight.Waiting == 0 || IsForbidden(PlannedMove(claim.Rules.Move), null) || !ShouldProcess(question, $"{question}?", MyInvocation.MyCommand.Name))
            {
                return;
            }
        }

        while (claim is not null)
        {
            ClaimStep step = Await(token => Database.Executions.ClaimAsync(claim, Context, token));
            step.Outcomes.ToList().ForEach(WriteOutcome);
            claim = step.Rest;
        }
    }

    /// <exception cref="LeoException">InvalidIdentity, InvalidJson, ValueOutOfRange.</exception>
    private RunClaim NewClaim()
    {
        if (ExecutionKey is not null)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, "Queued runs have keys of their own, and -ExecutionKey cannot give them another. Leave it out.");
        }

        if (Additional.IsGiven)
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange, "-AdditionalColumns is for new runs, and -Next starts runs that were queued before. Give it to New-FlowExecution.");
        }

        if (ValuesArePerRow)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, "A script block makes a value for a row that is piped in, and -Next takes none. Give one value for all of them.");
        }

        return new RunClaim(Rules, Count, IsBound(nameof(FlowKey)) ? FlowKey : null, ValuesFor(null, new RowColumns(null)))
        {
            IsAtomic = Atomic,
            BatchSize = BatchSize,
        }.Check();
    }

    private void Take(RunIdentity identity)
    {
        if (identity.IsFlow || identity.Error is not null)
        {
            Start(identity);
            return;
        }

        IRowChange<Guid> change;
        try
        {
            change = identity.GuardError is { } unreadable ? throw unreadable : Queued(identity);
        }
        catch (LeoException refusal)
        {
            Reject(identity.Source, refusal);
            return;
        }

        if (WillAskNow && FlowRefusal(change) is { } refused)
        {
            Reject(identity.Source, refused);
            return;
        }

        Move(Rules.Move, change);
    }

    /// <summary>Why the flow of a queued run keeps it from starting; null where it does not, and for a run that would not start anyway.</summary>
    private LeoException? FlowRefusal(IRowChange<Guid> change)
    {
        FlowExecution? row = LookUp(change.Id);
        if (row?.Status != ExecutionStatus.Pending || Verdict.Preview<ExecutionStatus>(Rules.Move, change.Guard, change.Id, row, Database.Server.Role) is not null)
        {
            return null;
        }

        StartSight sight = Await(token => Database.Executions.LookAsync([new RunStart { FlowId = row.FlowId }], Context, token))[0];
        return Rules.Allows(sight.FlowStatus) ? null : LeoErrors.FlowNotRunnable(row.FlowKey ?? row.FlowId.ToString(), sight.FlowStatus);
    }

    /// <exception cref="LeoException">InvalidJson; ValueOutOfRange.</exception>
    private ExecutionChange Queued(RunIdentity identity)
    {
        if (ExecutionKey is not null)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"Execution {identity.Id} was queued under a key of its own, and -ExecutionKey cannot give it another. Leave it out.");
        }

        if (Additional.IsGiven)
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange,
                $"Execution {identity.Id} was queued before, and -AdditionalColumns is for new runs. Give it to New-FlowExecution.");
        }

        return new ExecutionChange(identity.Id, identity.Guard, identity.Row, identity.Source, ValuesFor(identity.Source, new RowColumns(null)));
    }
}
