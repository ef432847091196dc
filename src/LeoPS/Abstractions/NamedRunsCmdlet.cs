using System.Management.Automation;
using LeoPS.Binding;
using LeoPS.Changes;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that changes runs that are there, in bulk: named by objects, ids or whole keys. What becomes of them is the derived cmdlet's.</summary>
public abstract class NamedRunsCmdlet<TChange> : ExecutionChangeCmdlet<TChange>
    where TChange : class, IRowChange<Guid>
{
    private protected const string KeySet = RunNames.KeySet;

    /// <summary>The executions: objects, ids, or rows with an Id.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [ExecutionIdentityTransformation]
    public ExecutionIdentity[]? InputObject { get; set; }

    /// <summary>Ids of the executions.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [NoSecretTransformation]
    public Guid[] Id { get; set; } = [];

    /// <summary>Execution keys of the executions, without wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = KeySet)]
    public string[] ExecutionKey { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => TakeEach(RunNames.Piped(ParameterSetName, InputObject), Take);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        TakeEach(Await(token => RunNames.FindAsync(ParameterSetName, Id, ExecutionKey, Database, Context, token)), Take);
        base.EndProcessing();
    }

    /// <summary>Takes one run.</summary>
    private protected abstract void Take(ExecutionIdentity identity);
}
