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

    /// <summary>Metadata: a hashtable, an object, JSON text, or a script block that makes each row's own.</summary>
    [Parameter]
    public object? Metadata { get; set; }

    /// <summary>
    /// Further columns of the table, for new runs: a hashtable, an object, JSON text, or a script block that makes each row's own.
    /// </summary>
    [Parameter]
    public object? AdditionalColumns { get; set; }

    /// <summary>Starts archived and deprecated flows too. Skips no prompt and no guard.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The status that a new run gets.</summary>
    private protected abstract ExecutionStatus NewStatus { get; }

    /// <summary>What is done to a flow, for questions.</summary>
    private protected abstract string ActionOf(RunStart start);

    /// <summary>The rules of the call; set by BeginProcessing.</summary>
    private protected RunStartRules Rules { get; private set; } = null!;

    /// <summary>-AdditionalColumns; set by BeginProcessing.</summary>
    private protected AdditionalColumnArgument Additional { get; private set; } = null!;

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
        Additional = new AdditionalColumnArgument(IsBound(nameof(AdditionalColumns)), AdditionalColumns);
        Guard(() =>
        {
            Additional.CheckShared();
            _inputState.Shared();
            _metadata.Shared();
        });
        base.BeginProcessing();
        Guard(() => RequireExecutionColumns(Governed(new RowColumns(null)).Check().GovernanceColumns));
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
    private protected override Task<BulkResult<FlowExecution>> ApplyAsync(IReadOnlyList<IRowChange<Guid>> changes, CancellationToken cancellationToken) =>
        Database.Executions.StartAsync(Rules, changes, Options, Context, cancellationToken);

    /// <summary>Takes one flow; a row that names none, or whose values are none, is reported in its place.</summary>
    private protected void Start(RunIdentity identity)
    {
        if (identity.Error is { } error)
        {
            Reject(identity.Source, error);
            return;
        }

        Start(identity.Source, () =>
        {
            var columns = new RowColumns(identity.Columns);
            RunValues values = ValuesFor(identity.Source, columns);
            RunStart start = Finish(
                new RunStart
                {
                    FlowId = identity.FlowId,
                    FlowKey = identity.FlowKey,
                    ExecutionKey = ExecutionKey ?? columns.Text(nameof(ExecutionKey)),
                    Values = values with { ExecutedBy = values.ExecutedBy ?? UsedConnection.UserId },
                    AdditionalColumns = Additional.For(identity.Source, identity.Columns),
                    Source = identity.Source,
                },
                columns).Check();
            RequireExecutionColumns(start.Values.GovernanceColumns);
            return start;
        });
    }

    /// <summary>Takes one new run, asking where the user wants to be asked; what makes none is reported in its place.</summary>
    private protected void Start(object? source, Func<RunStart> make)
    {
        RunStart start;
        try
        {
            start = make();
        }
        catch (LeoException refusal)
        {
            Reject(source, refusal);
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
                if (!IsForbidden(start.Plan(Rules.Status), source) && ShouldProcess($"flow {sight.FlowKey}", ActionOf(start)))
                {
                    Add(start);
                }

                break;
            case VerdictKind.AlreadyThere:
                Settle(ChangeOutcome<FlowExecution>.Unchanged(source, sight.Existing!));
                break;
            default:
                Reject(source, verdict.Error!);
                break;
        }
    }

    /// <summary>Adds what the derived cmdlet takes from its parameters and from the row.</summary>
    /// <exception cref="LeoException">InvalidJson, ValueOutOfRange.</exception>
    private protected virtual RunStart Finish(RunStart start, RowColumns columns) => start;

    /// <summary>The columns that are written for a row: those of the parameters, or else of the piped row itself.</summary>
    /// <exception cref="LeoException">InvalidJson, ValueOutOfRange.</exception>
    private protected RunValues ValuesFor(object? source, RowColumns columns) => (Governed(columns) with
    {
        InputState = IsBound(nameof(InputState)) ? _inputState.For(source) : columns.Json(nameof(InputState)),
        Metadata = IsBound(nameof(Metadata)) ? _metadata.For(source) : columns.Json(nameof(Metadata)),
        ExecutionMode = ExecutionMode ?? columns.Name<ExecutionMode>(nameof(ExecutionMode)),
        ExecutedBy = ExecutedBy ?? columns.Id(nameof(ExecutedBy)),
        BoardMeetingId = BoardMeetingId ?? columns.Id(nameof(BoardMeetingId)),
    }).Check();

    private RunValues Governed(RowColumns columns) => new()
    {
        VentureId = VentureId ?? columns.Id(nameof(VentureId)),
        PrdId = PrdId ?? columns.Id(nameof(PrdId)),
        SdId = SdId ?? columns.Text(nameof(SdId)),
        BudgetLimit = BudgetLimit ?? columns.Integer(nameof(BudgetLimit)),
    };
}
