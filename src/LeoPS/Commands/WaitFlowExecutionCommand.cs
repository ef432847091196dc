using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;

namespace LeoPS.Commands;

/// <summary>Wait-FlowExecution: waits for runs to end, and returns them; one that did not end well is an error beside.</summary>
[Cmdlet(VerbsLifecycle.Wait, "FlowExecution", DefaultParameterSetName = RunNames.InputSet)]
[OutputType(typeof(FlowExecution))]
public sealed class WaitFlowExecutionCommand : DatabaseCmdlet
{
    private readonly List<Guid> _ids = [];
    private readonly HashSet<Guid> _seen = [];

    /// <summary>The executions to wait for: objects, ids, or rows with an Id.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = RunNames.InputSet)]
    [AllowNull]
    [ExecutionIdentityTransformation]
    public ExecutionIdentity[]? InputObject { get; set; }

    /// <summary>Ids of the executions to wait for.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RunNames.IdSet)]
    [NoSecretTransformation]
    public Guid[] Id { get; set; } = [];

    /// <summary>Execution keys of the executions to wait for, without wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RunNames.KeySet)]
    public string[] ExecutionKey { get; set; } = [];

    /// <summary>How long to wait; for ever without it, a single look for zero.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? Timeout { get; set; }

    /// <summary>Waits until one of them has ended, and returns that one.</summary>
    [Parameter]
    public SwitchParameter Any { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => TakeEach(RunNames.Piped(ParameterSetName, InputObject), Take);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        TakeEach(Await(token => RunNames.FindAsync(ParameterSetName, Id, ExecutionKey, Database, Context, token)), Take);
        WaitForRuns(_ids, Timeout, Any, showsRows: true);
    }

    private void Take(ExecutionIdentity identity)
    {
        if (_seen.Add(identity.Id))
        {
            _ids.Add(identity.Id);
        }
    }
}
