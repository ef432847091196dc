using System.Globalization;
using LeoPS.Text;

namespace LeoPS.Executions;

/// <summary>What is recorded of a run whose block has ended, and what its caller is told. The block's own error is the host's to tell.</summary>
/// <param name="Status">What the run becomes; null where it has ended already, or is another's.</param>
/// <param name="Message">error_message where the host has no error record of its own; null for none.</param>
/// <param name="Error">What ends the call; null where nothing does, or the host has the error.</param>
/// <param name="MayRetry">True where another attempt may do better.</param>
public sealed record InvokedEnd(ExecutionStatus? Status, string? Message, LeoException? Error, bool MayRetry)
{
    /// <summary>True where the run consumed more than its budget: killed_by_budget.</summary>
    public bool KilledByBudget { get; private init; }

    /// <summary>Decides.</summary>
    /// <param name="run">The run.</param>
    /// <param name="end">How the block ended.</param>
    /// <param name="cause">Why it was stopped. It counts where the block failed, too: what is stopped often fails of it.</param>
    /// <param name="ownership">Why the run is over for this process; null where it is not.</param>
    /// <param name="timeout">How long the block might take; null for ever.</param>
    /// <param name="consumed">The units of budget that the block says it consumed; null where it says nothing.</param>
    public static InvokedEnd Of(FlowExecution run, BlockEnd end, StopCause cause, OwnershipEnd? ownership, TimeSpan? timeout, int? consumed = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (ownership is { Lost: false })
        {
            // Somebody was faster; who completes the run from within the block means no harm.
            return new InvokedEnd(null, null, ownership.Status == ExecutionStatus.Completed ? null : Over(run, ownership), false);
        }

        if (consumed > run.BudgetLimit)
        {
            // Whatever the block did meanwhile: a run over its budget is ended for that.
            string message = string.Create(CultureInfo.InvariantCulture, $"The run consumed {consumed} of a budget of {run.BudgetLimit}.");
            var over = new LeoException(
                LeoErrorId.ExecutionCancelled, $"Execution {Label(run)} is over its budget, and its block was stopped: {message} Start the work again with a higher -BudgetLimit.");
            return new InvokedEnd(ExecutionStatus.Cancelled, message, over, false) { KilledByBudget = true };
        }

        return (end, cause) switch
        {
            (BlockEnd.Finished, _) => new InvokedEnd(ExecutionStatus.Completed, null, null, false),
            (_, StopCause.Over) when ownership is not null => new InvokedEnd(ExecutionStatus.Failed, $"The block was stopped: {ownership.Why}.", Over(run, ownership), false),
            (_, StopCause.Timeout) => TimedOut(run, timeout ?? TimeSpan.Zero),
            (_, StopCause.Downstream) => new InvokedEnd(ExecutionStatus.Cancelled, "The pipeline wanted no more of the output.", null, false),
            (_, StopCause.ErrorAction) => new InvokedEnd(ExecutionStatus.Failed, null, null, false),
            (BlockEnd.Failed, StopCause.None) => new InvokedEnd(ExecutionStatus.Failed, null, null, true),
            _ => new InvokedEnd(ExecutionStatus.Cancelled, "The call was stopped.", null, false),
        };
    }

    private static InvokedEnd TimedOut(FlowExecution run, TimeSpan timeout)
    {
        string message = $"The block ran longer than {Duration.Elapsed(timeout)}.";
        return new InvokedEnd(ExecutionStatus.Timeout, message, new LeoException(LeoErrorId.ExecutionTimedOut, $"Execution {Label(run)} timed out: {message} It was stopped at its next statement. Allow more with -Timeout."), true);
    }

    private static LeoException Over(FlowExecution run, OwnershipEnd ownership)
    {
        LeoErrorId errorId = ownership switch
        {
            { Lost: true } => LeoErrorId.ConnectionLost,
            { Status: ExecutionStatus.Timeout } => LeoErrorId.ExecutionTimedOut,
            { Status: ExecutionStatus.Failed } => LeoErrorId.ExecutionFailed,
            _ => LeoErrorId.ExecutionCancelled,
        };
        return new LeoException(errorId, $"Execution {Label(run)} was stopped from elsewhere, and its block with it: {ownership.Why}. Read the run to see why.");
    }

    private static string Label(FlowExecution run) => $"{run.Id} ({run.ExecutionKey})";
}
