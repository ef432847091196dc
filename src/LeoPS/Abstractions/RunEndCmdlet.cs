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
    private protected override Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ApplyAsync(IReadOnlyList<ExecutionChange> batch, CancellationToken cancellationToken) =>
        Database.Executions.ChangeAsync(EndMove, batch, Context, cancellationToken);

    /// <inheritdoc/>
    private protected override Task<AtomicResult<FlowExecution>> ApplyAtomicallyAsync(IReadOnlyList<ExecutionChange> changes, CancellationToken cancellationToken) =>
        Database.Executions.ChangeAtomicallyAsync(EndMove, changes, BatchSize, Context, cancellationToken);
}
