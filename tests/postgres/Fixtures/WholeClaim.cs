using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>A claim with all of its steps, as Start-FlowExecution makes it.</summary>
internal static class WholeClaim
{
    public static async Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ClaimAllAsync(
        this IExecutionStore store, RunClaim claim, CallContext context, CancellationToken cancellationToken)
    {
        var outcomes = new List<ChangeOutcome<FlowExecution>>();
        for (RunClaim? next = claim; next is not null;)
        {
            ClaimStep step = await store.ClaimAsync(next, context, cancellationToken);
            outcomes.AddRange(step.Outcomes);
            next = step.Rest;
        }

        return outcomes;
    }
}
