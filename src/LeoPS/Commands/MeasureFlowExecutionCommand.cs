using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Executions;

namespace LeoPS.Commands;

/// <summary>Measure-FlowExecution: counts, durations, throughput, tokens, cost and budget of runs, computed by the server.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "FlowExecution")]
[OutputType(typeof(ExecutionMeasure))]
public sealed class MeasureFlowExecutionCommand : DatabaseCmdlet
{
    /// <summary>What to tell the runs apart by; without it one measure of all.</summary>
    [Parameter(Position = 0)]
    [EnumTransformation<ExecutionGroup>("a group")]
    public ExecutionGroup[] GroupBy { get; set; } = [];

    /// <summary>Tells the runs apart by parts of time of this length, too.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? Interval { get; set; }

    /// <summary>What the runs of each measure may cost, in US dollars.</summary>
    [Parameter]
    [NumberTransformation]
    public decimal? BudgetUsd { get; set; }

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

    /// <summary>Started at or after this time; the budget's period begins with it.</summary>
    [Parameter]
    [ValidateNotNull]
    [TimeTransformation]
    public DateTimeOffset? After { get; set; }

    /// <summary>Started before this time; the budget's period ends with it.</summary>
    [Parameter]
    [ValidateNotNull]
    [TimeTransformation]
    public DateTimeOffset? Before { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var filter = new ExecutionFilter
        {
            FlowKeys = FlowKey,
            FlowIds = FlowId,
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
        };
        MeasureRequest request = Guard(() => new MeasureRequest(filter, GroupBy, Interval, BudgetUsd).Check());
        WriteObject(Await(token => Database.Executions.MeasureAsync(request, Context, token)), enumerateCollection: true);
        ReportUnknownFlows(FlowKey);
    }
}
