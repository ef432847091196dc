using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Access;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Errors;
using LeoPS.Executions;
using LeoPS.Invocation;
using LeoPS.Json;
using LeoPS.Ports;

namespace LeoPS.Commands;

/// <summary>Invoke-FlowExecution: starts a run, runs a block for it, and ends the run with what came of the block.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "FlowExecution", DefaultParameterSetName = KeySet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(object))]
public sealed class InvokeFlowExecutionCommand : DatabaseCmdlet
{
    private const string KeySet = "FlowKey";
    private const string IdSet = "FlowId";
    private const long DefaultMaxOutput = 16 * 1024 * 1024;
    private JsonArgument _inputState = null!;
    private AdditionalColumnArgument _additional = null!;
    private string? _metadata;

    /// <summary>The key of the flow.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = KeySet)]
    public string FlowKey { get; set; } = "";

    /// <summary>The id of the flow.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [NoSecretTransformation]
    public Guid FlowId { get; set; }

    /// <summary>What is to be done; gets the run as its one argument.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [NoSecretTransformation]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>The input: a hashtable, an object, or JSON text.</summary>
    [Parameter]
    public object? InputState { get; set; }

    /// <summary>The idempotency key; without it one is made of the flow's key and the server's time.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [OneTextTransformation]
    public string? ExecutionKey { get; set; }

    /// <summary>How it came to be started; Manual without it.</summary>
    [Parameter]
    [EnumTransformation<ExecutionMode>("an execution mode")]
    public ExecutionMode? ExecutionMode { get; set; }

    /// <summary>The user who runs it; without it the connection's -UserId.</summary>
    [Parameter]
    [NoSecretTransformation]
    public Guid? ExecutedBy { get; set; }

    /// <summary>The board meeting that it belongs to.</summary>
    [Parameter]
    [NoSecretTransformation]
    public Guid? BoardMeetingId { get; set; }

    /// <summary>The venture by which the run is governed; needs the column venture_id.</summary>
    [Parameter]
    [NoSecretTransformation]
    public Guid? VentureId { get; set; }

    /// <summary>The product requirements document; needs the column prd_id.</summary>
    [Parameter]
    [NoSecretTransformation]
    public Guid? PrdId { get; set; }

    /// <summary>The strategic directive, as it is to stand in the column sd_id, which the table needs.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [OneTextTransformation]
    public string? SdId { get; set; }

    /// <summary>The units of budget, such as tokens, that the run may consume; needs the column budget_limit.</summary>
    [Parameter]
    [WholeNumberTransformation]
    public int? BudgetLimit { get; set; }

    /// <summary>Metadata: a hashtable, an object, or JSON text of an object.</summary>
    [Parameter]
    public object? Metadata { get; set; }

    /// <summary>Further columns of the table, for each attempt's run: a hashtable, an object or JSON text.</summary>
    [Parameter]
    public object? AdditionalColumns { get; set; }

    /// <summary>Starts archived and deprecated flows too. Skips no prompt and no guard.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How long the block may take, each attempt for itself; for ever without it.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? Timeout { get; set; }

    /// <summary>How often to try again where the block fails or takes too long; each attempt is a run of its own.</summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    [WholeNumberTransformation]
    public int Retry { get; set; }

    /// <summary>How long to wait before the second attempt; twice as long before each one after it.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan Backoff { get; set; } = TimeSpan.Zero;

    /// <summary>Bytes of output, as JSON, that the run keeps; 16 MB without it.</summary>
    [Parameter]
    [ValidateRange(0L, (long)int.MaxValue)]
    [WholeNumberTransformation]
    public long MaxOutput { get; set; } = DefaultMaxOutput;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _inputState = new JsonArgument("-InputState", InputState);
        var metadata = new JsonArgument("-Metadata", Metadata);
        _additional = new AdditionalColumnArgument(IsBound(nameof(AdditionalColumns)), AdditionalColumns);
        Guard(() =>
        {
            _additional.CheckShared();
            if (Timeout == TimeSpan.Zero)
            {
                throw new LeoException(LeoErrorId.ValueOutOfRange, "A timeout of zero leaves the block no time at all. Leave -Timeout out, and it may take for ever.");
            }

            RunAttempt.CheckKeys(ExecutionKey, Retry);
            _inputState.Shared();
            _metadata = metadata.For(null);
            return RunAttempt.First.AddTo(_metadata);
        });
        base.BeginProcessing();
        Guard(() => RequireExecutionColumns(Governed.GovernanceColumns));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var rules = new RunStartRules(ExecutionStatus.Running, KeyConflict.Fail, Force) { MayTakeExisting = false };
        object flow = ParameterSetName == IdSet ? FlowId : FlowKey;
        if (!WillRun(rules, flow))
        {
            return;
        }

        TimeSpan wait = Backoff;
        for (RunAttempt attempt = RunAttempt.First; ; wait *= 2)
        {
            OwnedStart start = Await(token => Database.Executions.StartOwnedAsync(rules, Prepare(attempt), Context, token), flow);
            if (start.Outcome.Error is { } refusal)
            {
                ThrowTerminatingError(ErrorRecords.From(refusal, flow));
            }

            FlowExecution run = start.Outcome.Row!;
            if (RunOnce(run, attempt.Number, start.Run!, mayRetry: attempt.Number <= Retry) is not { } failure)
            {
                return;
            }

            WriteWarning($"Attempt {attempt.Number} of {Retry + 1}, execution {run.Id} ({run.ExecutionKey}), failed: {failure}");
            attempt = attempt.Next(run.Id);
            Pause(wait);
        }
    }

    /// <summary>One attempt. What ends the call is thrown.</summary>
    /// <returns>Null where it is done; what it failed of, where it may be tried again.</returns>
    private string? RunOnce(FlowExecution row, int attempt, IOwnedRun owned, bool mayRetry)
    {
        // Not disposed of: the block may have handed the token on, and it has neither a timer nor a wait handle.
        var stopping = new CancellationTokenSource();
        BlockRunner? started = null;
        // The first cause counts, and the block hears of it, too.
        void Stop(StopCause cause)
        {
            started!.Stop(cause);
            _ = stopping.CancelAsync();
        }

        var run = new FlowRun(row, attempt, () => Stop(StopCause.Budget), stopping.Token);
        var output = new RunOutput(PowerShellShape.Instance, MaxOutput);
        using var runner = new BlockRunner(ScriptBlock, run, item => Pass(item, output), WhyRefused, SessionState.LanguageMode);
        started = runner;
        BlockEnd end;

        using (var timer = new CancellationTokenSource())
        using (StopToken.Register(() => Stop(StopCause.Call)))
        using (owned.Over.Register(() =>
        {
            if (owned.End?.Status != ExecutionStatus.Completed)
            {
                Stop(StopCause.Over);
            }
        }))
        using (timer.Token.Register(() => Stop(StopCause.Timeout)))
        {
            // No timer counts more than seven weeks.
            if (Timeout is { } timeout && timeout < TimeSpan.FromDays(49))
            {
                timer.CancelAfter(timeout);
            }

            end = runner.Run();
        }

        InvokedEnd decided = InvokedEnd.Of(row, end, runner.Cause, owned.End, Timeout, run.BudgetConsumed);
        var recorder = new RunRecorder(Database.Executions, Context, row);
        RunRecord record = recorder.Record(decided, run, output, RecordedError.Of(
            decided.Message is null ? runner.Error : null, decided.Message, decided.KilledByBudget ? RunUpdate.OverBudgetType : null, null));
        if (record.Failure is not null)
        {
            // Nobody works on it any more, and the next look for orphans finds it.
            owned.Release();
        }

        runner.Refusal?.Throw();
        if (Stopping || runner.Cause == StopCause.Call)
        {
            throw new PipelineStoppedException();
        }

        FlushLog();
        Tell(record, output);
        return Conclude(decided, runner, row, mayRetry);
    }

    /// <summary>Hands on what the block wrote.</summary>
    private void Pass(object? item, RunOutput output)
    {
        switch (item is PSObject wrapped ? wrapped.BaseObject : item)
        {
            case ErrorRecord error when item is ErrorRecord:
                WriteError(error);
                break;
            case WarningRecord warning:
                WriteWarning(warning.Message);
                break;
            case InformationRecord information:
                WriteInformation(information);
                break;
            default:
                output.Add(item);
                WriteObject(item);
                break;
        }
    }

    /// <summary>Why an item could not be handed on: at an error, a warning or information the user may want the call to end.</summary>
    private (StopCause Cause, ErrorRecord? Error) WhyRefused(object? item)
    {
        ErrorRecord? error = (item is PSObject wrapped ? wrapped.BaseObject : item) switch
        {
            ErrorRecord written when item is ErrorRecord && ErrorsStop => written,
            WarningRecord warning when WarningsStop => At(warning.Message),
            InformationRecord information when InformationStops => At(information.ToString()),
            _ => null,
        };
        return (error is null ? StopCause.Downstream : StopCause.ErrorAction, error);

        static ErrorRecord At(string text) => new(new ActionPreferenceStopException(text), "ActionPreferenceStop", ErrorCategory.OperationStopped, null);
    }

    private void Tell(RunRecord record, RunOutput output)
    {
        if (record.Status is not null && output.Truncated)
        {
            WriteWarning($"The output has {output.Bytes:N0} bytes and the run keeps {MaxOutput:N0} at the most: its output state says only that it was truncated. Allow more with -MaxOutput.");
        }

        record.Notes.ToList().ForEach(WriteWarning);
        record.Refusals.ToList().ForEach(refusal => WriteRowError(refusal, record.Id));
        if (record.Failure is { } failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure, record.Id));
        }
    }

    private string? Conclude(InvokedEnd decided, BlockRunner runner, FlowExecution row, bool mayRetry)
    {
        if (decided.MayRetry && mayRetry)
        {
            return decided.Message ?? runner.Failure?.SourceException.Message;
        }

        if (decided.Error is { } error)
        {
            ThrowTerminatingError(ErrorRecords.From(error, row));
        }

        runner.Failure?.Throw();
        return null;
    }

    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    private RunValues Governed => new RunValues { VentureId = VentureId, PrdId = PrdId, SdId = SdId, BudgetLimit = BudgetLimit }.Check();

    /// <exception cref="LeoException">InvalidJson, InvalidIdentity, ValueOutOfRange.</exception>
    private RunStart Prepare(RunAttempt attempt) => new RunStart
    {
        FlowId = ParameterSetName == IdSet ? FlowId : null,
        FlowKey = ParameterSetName == IdSet ? null : FlowKey,
        ExecutionKey = attempt.KeyOf(ExecutionKey),
        AdditionalColumns = _additional.For(null),
        Source = ParameterSetName == IdSet ? FlowId : FlowKey,
        Values = Governed with
        {
            InputState = _inputState.For(null),
            Metadata = attempt.AddTo(_metadata),
            ExecutionMode = ExecutionMode,
            ExecutedBy = ExecutedBy ?? UsedConnection.UserId,
            BoardMeetingId = BoardMeetingId,
        },
    }.Check();

    /// <summary>Where the user is told or asked, the flow is looked at, and what would be refused is refused.</summary>
    private bool WillRun(RunStartRules rules, object flow)
    {
        if (!WillAsk)
        {
            return true;
        }

        RunStart start = Guard(() => Prepare(RunAttempt.First), flow);
        StartSight sight = Await(token => Database.Executions.LookAsync([start], Context, token))[0];
        Verdict verdict = StartVerdict.Of(rules, start, sight, Database.Server.Role, LockTimeout);
        if (verdict.Error is { } error)
        {
            ThrowTerminatingError(ErrorRecords.From(error, flow));
        }

        // A run that could not be ended is not started. Its metadata will also say who owns it.
        return !IsForbidden((start with { Values = start.Values with { Metadata = null } }).Plan(rules.Status), flow)
            && !IsForbidden(PlannedWrite.Of(ExecutionTransitions.Table.Noun, TableCommand.Update), flow)
            && ShouldProcess($"flow {sight.FlowKey}", "Run the block as a run");
    }

    /// <inheritdoc/>
    private protected override void Reject(object? source, LeoException error) => ThrowTerminatingError(ErrorRecords.From(error, source));

    private void Pause(TimeSpan wait) => Await(async token =>
    {
        await Task.Delay(wait < TimeSpan.FromDays(1) ? wait : TimeSpan.FromDays(1), token).ConfigureAwait(false);
        return true;
    });
}
