using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Executions;
using LeoPS.Reading;
using LeoPS.Text;

namespace LeoPS.Commands;

/// <summary>Get-FlowExecution: streams executions; every filter runs on the server.</summary>
[Cmdlet(VerbsCommon.Get, "FlowExecution")]
[OutputType(typeof(FlowExecution), typeof(string))]
public sealed class GetFlowExecutionCommand : ReadingCmdlet<FlowExecution, ExecutionFilter, ExecutionOrder, RunIdentity>
{
    private readonly HashSet<string> _metKeys = new(StringComparer.Ordinal);
    private long _noticed;

    /// <summary>Flows whose executions are meant, or executions to read again: objects, ids of executions, or rows with an Id or FlowId.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    [RunIdentityTransformation]
    public RunIdentity[]? InputObject { get; set; }

    /// <summary>Ids to match.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? Id { get; set; }

    /// <summary>Keys of flows, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? FlowKey { get; set; }

    /// <summary>Flows to match, by id.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? FlowId { get; set; }

    /// <summary>Execution keys, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? ExecutionKey { get; set; }

    /// <summary>Statuses to match.</summary>
    [Parameter]
    [EnumTransformation<ExecutionStatus>]
    public ExecutionStatus[]? Status { get; set; }

    /// <summary>Modes to match.</summary>
    [Parameter]
    [EnumTransformation<ExecutionMode>("an execution mode")]
    public ExecutionMode[]? ExecutionMode { get; set; }

    /// <summary>Board meetings to match.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? BoardMeetingId { get; set; }

    /// <summary>Users to match.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? ExecutedBy { get; set; }

    /// <summary>Ventures to match; needs the column venture_id.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? VentureId { get; set; }

    /// <summary>Product requirements documents to match; needs the column prd_id.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? PrdId { get; set; }

    /// <summary>Strategic directives as the runs name them, with wildcards; needs the column sd_id.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? SdId { get; set; }

    /// <summary>Budget limits to match; needs the column budget_limit.</summary>
    [Parameter]
    [ValidateNotNull]
    [WholeNumberTransformation]
    public int[]? BudgetLimit { get; set; }

    /// <summary>Only runs that were ended because they consumed more than their limit; needs the column killed_by_budget.</summary>
    [Parameter]
    public SwitchParameter KilledByBudget { get; set; }

    /// <summary>Started at or after this time.</summary>
    [Parameter]
    [ValidateNotNull]
    [TimeTransformation]
    public DateTimeOffset? After { get; set; }

    /// <summary>Started before this time.</summary>
    [Parameter]
    [ValidateNotNull]
    [TimeTransformation]
    public DateTimeOffset? Before { get; set; }

    /// <summary>Only running executions whose process is gone; of those that somebody owns.</summary>
    [Parameter]
    public SwitchParameter Orphaned { get; set; }

    /// <summary>Goes on after this execution, in the same order.</summary>
    [Parameter]
    [ExecutionIdentityTransformation]
    public ExecutionIdentity[]? ResumeAfter { get; set; }

    /// <inheritdoc/>
    private protected override string Noun => ExecutionTransitions.Table.Noun;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (RunIdentity identity in InputObject ?? [])
        {
            if (identity is { IsFlow: true })
            {
                // What came before it comes out before it.
                ReadAsked();
                ReadRuns(identity);
            }
            else
            {
                Ask([identity]);
            }
        }
    }

    /// <inheritdoc/>
    private protected override void ReadByParameters()
    {
        ReadSelected(Id, Place(ResumeAfter));
        if (!AnyCame || FlowKey?.Length > 1)
        {
            ReportUnknownFlows(FlowKey);
        }

        ReportUnknownKeys();
    }

    /// <inheritdoc/>
    private protected override IAsyncEnumerable<IReadOnlyList<ReadItem<FlowExecution>>> Stream(ExecutionFilter filter, ReadRange range, CancellationToken cancellationToken) =>
        Database.Executions.ReadAsync(Query<ExecutionQuery>(filter, range), Context, cancellationToken);

    /// <inheritdoc/>
    private protected override ExecutionFilter Filter(IReadOnlyList<Guid>? ids) => new()
    {
        Ids = ids ?? Id,
        FlowIds = FlowId,
        FlowKeys = FlowKey,
        ExecutionKeys = ExecutionKey,
        Statuses = Status,
        Modes = ExecutionMode,
        BoardMeetingIds = BoardMeetingId,
        ExecutedBy = ExecutedBy,
        VentureIds = VentureId,
        PrdIds = PrdId,
        SdIds = SdId,
        BudgetLimits = BudgetLimit,
        KilledByBudget = KilledByBudget,
        After = After,
        Before = Before,
        Orphaned = Orphaned,
    };

    /// <inheritdoc/>
    private protected override string Line(FlowExecution row) => ExecutionJson.Line(row);

    /// <inheritdoc/>
    private protected override void Notice(FlowExecution row)
    {
        _noticed++;
        if (ExecutionKey is not null)
        {
            _metKeys.Add(row.ExecutionKey);
        }
    }

    /// <summary>The runs of a flow that was piped.</summary>
    private void ReadRuns(RunIdentity flow)
    {
        ExecutionFilter filter = Filter(null);
        if (flow.FlowId is { } id)
        {
            Read(filter with { FlowIds = [id] }, new ReadRange(null, 0, null), collect: false);
            return;
        }

        long before = _noticed;
        Read(filter with { FlowKeys = [WildcardPattern.Escape(flow.FlowKey)] }, new ReadRange(null, 0, null), collect: false);
        if (_noticed == before && First is null)
        {
            ReportMissingFlows([flow.FlowKey!], flow.Source);
        }
    }

    /// <summary>An execution key that was named and does not exist is an error, where nothing else selects.</summary>
    private void ReportUnknownKeys()
    {
        if (First is null && Skip == 0 && ResumeAfter is null && (Filter(null) with { ExecutionKeys = null }) == new ExecutionFilter())
        {
            foreach (string key in Wildcard.Names(ExecutionKey).Where(k => !_metKeys.Contains(k)))
            {
                WriteRowError(LeoErrors.NotFound(Noun, key, Database.Server.Role), key);
            }
        }
    }
}
