using LeoPS.Changes;
using LeoPS.Executions;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that ends runs in bulk. How they end, and with what, is the derived cmdlet's.</summary>
public abstract class RunEndCmdlet : NamedRunsCmdlet<ExecutionChange>
{
    /// <summary>Where they go; set before the base's BeginProcessing.</summary>
    private protected StatusMove<ExecutionStatus> EndMove { get; set; } = null!;

    /// <summary>Takes the change of one run, asking where the user wants to be asked.</summary>
    private protected void Take(ExecutionChange change) => Move(EndMove, change);

    /// <inheritdoc/>
    private protected override Task<BulkResult<FlowExecution>> ApplyAsync(IReadOnlyList<ExecutionChange> changes, CancellationToken cancellationToken) =>
        Database.Executions.ChangeAsync(EndMove, changes, Options, Context, cancellationToken);
}
