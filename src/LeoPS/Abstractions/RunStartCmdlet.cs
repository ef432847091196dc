using System.Management.Automation;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Json;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that makes runs of flows, in bulk: whether they go or are only queued is the derived cmdlet's.</summary>
public abstract class RunStartCmdlet : ExecutionChangeCmdlet<IRowChange<Guid>>
{
    private protected const string FlowKeySet = "FlowKey";
    private protected const string FlowIdSet = "FlowId";

    private JsonArgument _inputState = null!;
    private JsonArgument _metadata = null!;

    /// <summary>The key of the flow.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = FlowKeySet)]
    public virtual string FlowKey { get; set; } = "";

    /// <summary>Ids of the flows.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FlowIdSet)]
    [NoSecretTransformation]
    public Guid[] FlowId { get; set; } = [];

    /// <summary>The input: a hashtable, an object, JSON text, or a script block that makes each row's own.</summary>
    [Parameter]
    public object? InputState { get; set; }

    /// <summary>The idempotency key; without it one is made of the flow's key and the server's time.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [OneTextTransformation]
    public string? ExecutionKey { get; set; }

    /// <summary>What happens where a run with this execution key is there already.</summary>
    [Parameter]
    [NoSecretTransformation]
    public KeyConflict OnConflict { get; set; }

    /// <summary>How it came to be started; Manual without it.</summary>
    [Parameter]
    [ExecutionModeTransformation]
    public ExecutionMode? ExecutionMode { get; set; }

    /// <summary>The user who runs it; without it the connection's -UserId.</summary>
    [Parameter]
    [NoSecretTransformation]
    public Guid? ExecutedBy { get; set; }

    /// <summary>The board meeting that it belongs to.</summary>
    [Parameter]
    [NoSecretTransformation]
    public Guid? BoardMeetingId { get; set; }

    /// <summary>Metadata: a hashtable, an object, JSON text, or a script block that makes each row's own.</summary>
    [Parameter]
    public object? Metadata { get; set; }

    /// <summary>Starts archived and deprecated flows too. Skips no prompt and no guard.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The status that a new run gets.</summary>
    private protected abstract ExecutionStatus NewStatus { get; }

    /// <summary>What is done to a flow, for questions.</summary>
    private protected abstract string Action { get; }

    /// <summary>The rules of the call; set by BeginProcessing.</summary>
    private protected RunStartRules Rules { get; private set; } = null!;

    /// <summary>True where a value is made by a script block for each row.</summary>
    private protected bool ValuesArePerRow => (IsBound(nameof(InputState)) && _inputState.IsPerRow) || (IsBound(nameof(Metadata)) && _metadata.IsPerRow);

    /// <summary>While one batch waits for its flows' counters, the next is written; a third would only wait as well.</summary>
    private protected override int MaxInFlight => 2;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        Rules = new RunStartRules(NewStatus, OnConflict, Force);
        _inputState = new JsonArgument("-InputState", InputState);
        _metadata = new JsonArgument("-Metadata", Metadata);
        Guard(() =>
        {
            _inputState.Shared();
            _metadata.Shared();
        });
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        switch (ParameterSetName)
        {
            case FlowKeySet:
                Start(new RunIdentity(null, FlowKey, FlowKey, null));
                break;
            case FlowIdSet:
                Array.ForEach(FlowId, id => Start(new RunIdentity(id, null, id, null)));
                break;
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ApplyAsync(IReadOnlyList<IRowChange<Guid>> batch, CancellationToken cancellationToken) =>
        Database.Executions.StartAsync(Rules, batch, Context, cancellationToken);

    /// <inheritdoc/>
    private protected override Task<AtomicResult<FlowExecution>> ApplyAtomicallyAsync(IReadOnlyList<IRowChange<Guid>> changes, CancellationToken cancellationToken) =>
        Database.Executions.StartAtomicallyAsync(Rules, changes, BatchSize, Context, cancellationToken);

    /// <summary>Takes one flow; a row that names none, or whose values are none, is reported in its place.</summary>
    private protected void Start(RunIdentity identity)
    {
        if (identity.Error is { } error)
        {
            Reject(identity.Source, error);
            return;
        }

        RunStart start;
        try
        {
            var columns = new RowColumns(identity.Columns);
            RunValues values = ValuesFor(identity.Source, columns);
            start = new RunStart
            {
                FlowId = identity.FlowId,
                FlowKey = identity.FlowKey,
                ExecutionKey = ExecutionKey ?? columns.Text(nameof(ExecutionKey)),
                Values = values with { ExecutedBy = values.ExecutedBy ?? UsedConnection.UserId },
                Source = identity.Source,
            }.Check();
        }
        catch (LeoException refusal)
        {
            Reject(identity.Source, refusal);
            return;
        }

        if (!WillAskNow)
        {
            Add(start);
            return;
        }

        StartSight sight = Await(token => Database.Executions.LookAsync([start], Context, token))[0];
        Verdict verdict = StartVerdict.Of(Rules, start, sight, Database.Server.Role, LockTimeout);
        switch (verdict.Kind)
        {
            case VerdictKind.LookAgain:
                if (ShouldProcess($"flow {sight.FlowKey}", Action))
                {
                    Add(start);
                }

                break;
            case VerdictKind.AlreadyThere:
                Settle(ChangeOutcome<FlowExecution>.Unchanged(identity.Source, sight.Existing!));
                break;
            default:
                Reject(identity.Source, verdict.Error!);
                break;
        }
    }

    /// <summary>The columns that are written for a row: those of the parameters, or else of the piped row itself.</summary>
    /// <exception cref="LeoException">InvalidJson, ValueOutOfRange.</exception>
    private protected RunValues ValuesFor(object? source, RowColumns columns) => new()
    {
        InputState = IsBound(nameof(InputState)) ? _inputState.For(source) : columns.Json(nameof(InputState)),
        Metadata = IsBound(nameof(Metadata)) ? _metadata.For(source) : columns.Json(nameof(Metadata)),
        ExecutionMode = ExecutionMode ?? columns.Name<ExecutionMode>(nameof(ExecutionMode)),
        ExecutedBy = ExecutedBy ?? columns.Id(nameof(ExecutedBy)),
        BoardMeetingId = BoardMeetingId ?? columns.Id(nameof(BoardMeetingId)),
    };
}
