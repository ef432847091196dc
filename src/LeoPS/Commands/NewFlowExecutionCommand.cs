using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Errors;
using LeoPS.Executions;
using LeoPS.Json;

namespace LeoPS.Commands;

/// <summary>New-FlowExecution: queues runs of flows, records runs that took place elsewhere, or puts back those that were written as JSON lines, in bulk, and returns them.</summary>
[Cmdlet(VerbsCommon.New, "FlowExecution", DefaultParameterSetName = InputSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FlowExecution), typeof(ChangeSummary))]
public sealed class NewFlowExecutionCommand : RunStartCmdlet
{
    private const string FromJsonSet = "FromJson";

    /// <summary>What only a run has that took place already.</summary>
    private static readonly string[] _ofTheRecord =
        [nameof(OutputState), nameof(TokenCount), nameof(CostUsd), nameof(ErrorRecord), nameof(ErrorMessage), nameof(ErrorType), nameof(ErrorStack)];

    /// <summary>What a run that is put back does not take from a parameter.</summary>
    private static readonly string[] _ofNewRuns =
    [
        nameof(Status), nameof(StartedAt), nameof(CompletedAt), nameof(InputState), nameof(ExecutionKey), nameof(OnConflict), nameof(ExecutionMode), nameof(ExecutedBy),
        nameof(BoardMeetingId), nameof(VentureId), nameof(PrdId), nameof(SdId), nameof(BudgetLimit), nameof(Metadata), nameof(Force),
    ];

    private JsonArgument _outputState = null!;
    private RunError? _error;

    /// <summary>Flows to queue a run of: objects, ids or keys of flows, or rows with a FlowKey or FlowId. With -FromJson, the lines to put back.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = FromJsonSet)]
    [AllowNull]
    [RunIdentityTransformation(BareNamesFlow = true)]
    public RunIdentity[]? InputObject { get; set; }

    /// <summary>Puts back runs from the lines that -AsJson and -ExportPath write: with their ids, keys, statuses and times.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FromJsonSet)]
    public SwitchParameter FromJson { get; set; }

    /// <summary>The status of a run that took place elsewhere; without it a run is queued.</summary>
    [Parameter]
    [EnumTransformation<ExecutionStatus>]
    public ExecutionStatus? Status { get; set; }

    /// <summary>When the run began; for a run with a status.</summary>
    [Parameter]
    [TimeTransformation]
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When the run ended; for a run with the status of one that has.</summary>
    [Parameter]
    [TimeTransformation]
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
    [NumberTransformation]
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
    private protected override string ActionOf(RunStart start) => 
        start.Restored is not null ? $"Put back run {start.Id} ({start.ExecutionKey})"
        : start.State is { } state ? $"Record a run that is {state.Status}"
        : "Queue a run";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _error = RecordedError.Of(ErrorRecord, ErrorMessage, ErrorType, ErrorStack);
        _outputState = new JsonArgument("-OutputState", OutputState);
        RunValues shared = Guard(() => new RunValues { OutputState = _outputState.Shared(), TokenCount = TokenCount, CostUsd = CostUsd, Error = _error }.Check());
        Guard(() =>
        {
            if (FromJson && Array.Find([.. _ofTheRecord, .. _ofNewRuns], IsBound) is { } given)
            {
                throw new LeoException(LeoErrorId.ValueOutOfRange, $"-FromJson puts a run back as its line says, and -{given} would say otherwise. Leave it out.");
            }
        });
        base.BeginProcessing();
        if (shared.Note is { } note)
        {
            WriteWarning(note);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == FromJsonSet)
        {
            foreach (RunIdentity identity in InputObject ?? [RunIdentity.Nothing])
            {
                PutBack(identity.Source);
            }
        }

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

    /// <summary>Takes one line; a blank one is none.</summary>
    private void PutBack(object? source)
    {
        string? line = (source is PSObject wrapped ? wrapped.BaseObject : source) as string;
        if (line is not null && string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        Start(source, () =>
        {
            RunStart start = ExecutionLine.Parse(line ?? throw new LeoException(
                LeoErrorId.InvalidJson,
                "What was piped is no line of JSON: what became an object has lost digits and microseconds already. Pipe the lines themselves, as Get-Content gives them.")).Check();
            RequireRestorable(start.Restored!);
            return start;
        });
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
