using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Errors;
using LeoPS.Executions;
using LeoPS.Json;

namespace LeoPS.Commands;

/// <summary>New-FlowExecution: queues runs of flows, or records runs that took place elsewhere, in bulk, and returns them.</summary>
[Cmdlet(VerbsCommon.New, "FlowExecution", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FlowExecution), typeof(ChangeSummary))]
public sealed class NewFlowExecutionCommand : RunStartCmdlet
{
    /// <summary>What only a run has that took place already.</summary>
    private static readonly string[] _ofTheRecord =
        [nameof(OutputState), nameof(TokenCount), nameof(CostUsd), nameof(ErrorRecord), nameof(ErrorMessage), nameof(ErrorType), nameof(ErrorStack)];

    private JsonArgument _outputState = null!;
    private RunError? _error;

    /// <summary>Flows to queue a run of: objects, ids or keys of flows, or rows with a FlowKey or FlowId.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [RunIdentityTransformation(BareNamesFlow = true)]
    public RunIdentity[]? InputObject { get; set; }

    /// <summary>The status of a run that took place elsewhere; without it a run is queued.</summary>
    [Parameter]
    [ExecutionStatusTransformation]
    public ExecutionStatus? Status { get; set; }

    /// <summary>When the run began; for a run with a status.</summary>
    [Parameter]
    [NoSecretTransformation]
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When the run ended; for a run with the status of one that has.</summary>
    [Parameter]
    [NoSecretTransformation]
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>The output: a hashtable, an object, JSON text, or a script block that makes each row's own; for a run with a status.</summary>
    [Parameter]
    public object? OutputState { get; set; }

    /// <summary>Tokens used; for a run with a status.</summary>
    [Parameter]
    [WholeNumberTransformation]
    public int? TokenCount { get; set; }

    /// <summary>Cost in US dollars, of which four decimals are kept; for a run with a status.</summary>
    [Parameter]
    [NoSecretTransformation]
    public decimal? CostUsd { get; set; }

    /// <summary>The error that the run failed of: fills the three error columns.</summary>
    [Parameter]
    [ErrorRecordTransformation]
    public ErrorRecord? ErrorRecord { get; set; }

    /// <summary>What went wrong.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? ErrorMessage { get; set; }

    /// <summary>The kind of error, such as the exception's type.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? ErrorType { get; set; }

    /// <summary>Where it went wrong.</summary>
    [Parameter]
    [OneTextTransformation]
    public string? ErrorStack { get; set; }

    /// <inheritdoc/>
    private protected override ExecutionStatus NewStatus => ExecutionStatus.Pending;

    /// <inheritdoc/>
    private protected override string ActionOf(RunStart start) => start.State is { } state ? $"Record a run that is {state.Status}" : "Queue a run";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _error = RecordedError.Of(ErrorRecord, ErrorMessage, ErrorType, ErrorStack);
        _outputState = new JsonArgument("-OutputState", OutputState);
        RunValues shared = Guard(() => new RunValues { OutputState = _outputState.Shared(), TokenCount = TokenCount, CostUsd = CostUsd, Error = _error }.Check());
        base.BeginProcessing();
        if (shared.Note is { } note)
        {
            WriteWarning(note);
        }
    }

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

    /// <inheritdoc/>
    private protected override RunStart Finish(RunStart start, RowColumns columns)
    {
        DateTimeOffset? startedAt = StartedAt ?? columns.Time(nameof(StartedAt));
        DateTimeOffset? completedAt = CompletedAt ?? columns.Time(nameof(CompletedAt));
        // A status beside neither time is a flow's, or of no use.
        bool hasTime = startedAt is not null || completedAt is not null;
        if ((Status ?? (hasTime ? columns.Name<ExecutionStatus>(nameof(Status)) : null)) is not { } status)
        {
            string? first = hasTime ? (completedAt is null ? nameof(StartedAt) : nameof(CompletedAt)) : Array.Find(_ofTheRecord, IsBound);
            return first is null ? start : throw new LeoException(
                LeoErrorId.ValueOutOfRange,
                $"{first} is of a run that took place already, and its status was not given. Give -Status, such as Completed, with StartedAt and CompletedAt; without them a run is queued.");
        }

        var values = new RunValues
        {
            OutputState = IsBound(nameof(OutputState)) ? _outputState.For(start.Source) : columns.Json(nameof(OutputState)),
            TokenCount = TokenCount ?? columns.Integer(nameof(TokenCount)),
            CostUsd = CostUsd ?? columns.Number(nameof(CostUsd)),
            Error = _error ?? columns.Error(),
            BudgetConsumed = columns.Integer(nameof(FlowExecution.BudgetConsumed)),
            KilledByBudget = columns.Flag(nameof(FlowExecution.KilledByBudget)),
        }.Check();
        return start with
        {
            State = new RecordedState(status, startedAt, completedAt).Check(),
            Values = start.Values with
            {
                OutputState = values.OutputState,
                TokenCount = values.TokenCount,
                CostUsd = values.CostUsd,
                Error = values.Error,
                BudgetConsumed = values.BudgetConsumed,
                KilledByBudget = values.KilledByBudget,
            },
        };
    }
}
