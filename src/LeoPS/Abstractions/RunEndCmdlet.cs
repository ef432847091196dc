using System.Management.Automation;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that ends runs in bulk: named by objects, ids or whole keys. How they end, and with what, is the derived cmdlet's.</summary>
public abstract class RunEndCmdlet : ExecutionChangeCmdlet<ExecutionChange>
{
    /// <summary>The executions to end: objects, ids, or rows with an Id.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [AllowNull]
    [ExecutionIdentityTransformation]
    public ExecutionIdentity[]? InputObject { get; set; }

    /// <summary>Ids of the executions to end.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [NoSecretTransformation]
    public Guid[] Id { get; set; } = [];

    /// <summary>Execution keys of the executions to end, without wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = KeySet)]
    public string[] ExecutionKey { get; set; } = [];

    /// <summary>Where they go; set before the base's BeginProcessing.</summary>
    private protected StatusMove<ExecutionStatus> EndMove { get; set; } = null!;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            // The binder hands a null straight through; it is a row like any other, and a wrong one.
            foreach (ExecutionIdentity identity in InputObject ?? [new ExecutionIdentity(LeoErrors.InvalidIdentity(Noun, "An empty value"), null)])
            {
                Take(identity);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        switch (ParameterSetName)
        {
            case IdSet:
                Array.ForEach(Id, id => Take(new ExecutionIdentity(id, null, null, id)));
                break;
            case KeySet:
                Array.ForEach([.. Await(token => ExecutionKeys.ResolveAsync(ExecutionKey, Database, Context, token))], Take);
                break;
        }

        base.EndProcessing();
    }

    /// <summary>Takes one run.</summary>
    private protected abstract void Take(ExecutionIdentity identity);

    /// <summary>Takes the change of one run, asking where the user wants to be asked.</summary>
    private protected void Take(ExecutionChange change) => Move(EndMove, change);

    /// <inheritdoc/>
    private protected override Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ApplyAsync(IReadOnlyList<ExecutionChange> batch, CancellationToken cancellationToken) =>
        Database.Executions.ChangeAsync(EndMove, batch, Context, cancellationToken);

    /// <inheritdoc/>
    private protected override Task<AtomicResult<FlowExecution>> ApplyAtomicallyAsync(IReadOnlyList<ExecutionChange> changes, CancellationToken cancellationToken) =>
        Database.Executions.ChangeAtomicallyAsync(EndMove, changes, BatchSize, Context, cancellationToken);
}
