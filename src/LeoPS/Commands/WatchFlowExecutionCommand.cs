using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Executions;
using LeoPS.Ports;

namespace LeoPS.Commands;

/// <summary>Watch-FlowExecution: gives executions as their status changes, until it is stopped.</summary>
[Cmdlet(VerbsCommon.Watch, "FlowExecution")]
[OutputType(typeof(FlowExecution))]
public sealed class WatchFlowExecutionCommand : WatchingCmdlet<FlowExecution, ExecutionWatch>
{
    private readonly List<RunIdentity> _piped = [];

    /// <summary>Flows whose executions are meant, or executions: objects, ids of executions, or rows with an Id or FlowId.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    [RunIdentityTransformation]
    public RunIdentity[]? InputObject { get; set; }

    /// <summary>Keys of flows, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? FlowKey { get; set; }

    /// <summary>Execution keys, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNull]
    public string[]? ExecutionKey { get; set; }

    /// <summary>Statuses that an execution comes to.</summary>
    [Parameter]
    [EnumTransformation<ExecutionStatus>]
    public ExecutionStatus[]? Status { get; set; }

    /// <summary>Board meetings to match.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid[]? BoardMeetingId { get; set; }

    /// <inheritdoc/>
    private protected override IChangeFeed<FlowExecution, ExecutionWatch> Feed => Database.ExecutionFeed;

    /// <inheritdoc/>
    private protected override string WithoutHistory =>
        "started_at and completed_at are looked at again and again: changes that stamp neither are missed, and so are all but the last of several quick ones.";

    /// <inheritdoc/>
    protected override void ProcessRecord() => TakeEach(InputObject ?? [], _piped.Add);

    /// <inheritdoc/>
    private protected override ExecutionWatch? MakeWatch()
    {
        var watch = new ExecutionWatch { FlowKeys = FlowKey, ExecutionKeys = ExecutionKey, Statuses = Status, BoardMeetingIds = BoardMeetingId };
        if (TakesInput)
        {
            Guid[] ids = FindRuns();
            Guid[] flowIds = FindFlows();
            // Of nothing that was named, nothing would ever come.
            if (ids.Length + flowIds.Length == 0)
            {
                return null;
            }

            watch = watch with { Ids = ids, FlowIds = flowIds };
        }

        // A key of an execution may be that of one to come; a flow is there, or was misspelt.
        ReportUnknownFlows(FlowKey);
        return watch;
    }

    /// <inheritdoc/>
    private protected override Guid IdOf(FlowExecution row) => row.Id;

    /// <summary>The executions that were piped; those that do not exist are reported.</summary>
    private Guid[] FindRuns()
    {
        RunIdentity[] runs = [.. _piped.Where(p => !p.IsFlow).DistinctBy(p => p.Id)];
        if (runs.Length == 0)
        {
            return [];
        }

        HashSet<Guid> unknown = [.. Await(token => Database.ExecutionHistory.FindUnknownAsync([.. runs.Select(r => r.Id)], Context, token))];
        foreach (RunIdentity run in runs.Where(r => unknown.Contains(r.Id)))
        {
            WriteRowError(LeoErrors.NotFound(ExecutionTransitions.Table.Noun, run.ToString(), Database.Server.Role), run.Source);
        }

        return [.. runs.Select(r => r.Id).Where(id => !unknown.Contains(id))];
    }

    /// <summary>The flows that were piped; keys that no flow has are reported.</summary>
    private Guid[] FindFlows()
    {
        RunIdentity[] flows = [.. _piped.Where(p => p.IsFlow)];
        IReadOnlyDictionary<string, Guid> byKey = FindFlows([.. flows.Where(f => f.FlowId is null).Select(f => f.FlowKey!).Distinct()]);
        var ids = new HashSet<Guid>();
        foreach (RunIdentity flow in flows)
        {
            if (flow.FlowId is { } id || byKey.TryGetValue(flow.FlowKey!, out id))
            {
                ids.Add(id);
            }
            else
            {
                WriteRowError(LeoErrors.FlowNotFound(flow.FlowKey!, Database.Server.Role), flow.Source);
            }
        }

        return [.. ids];
    }
}
