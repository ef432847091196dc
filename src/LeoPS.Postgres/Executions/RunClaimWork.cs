using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Executions;

/// <summary>Claims queued runs; where none could be had, looks why.</summary>
internal sealed class RunClaimWork(RunClaimStatements statements, RunClaim claim, string role)
{
    private const int MaxLooks = 4;
    private const int MaxConflicts = 8;

    public async Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ApplyAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        Guid? free = null;
        for (int look = 1; look <= MaxLooks; look++)
        {
            IReadOnlyList<ReadItem<FlowExecution>> claimed = await ClaimAsync(scope, cancellationToken).ConfigureAwait(false);
            if (claimed.Count > 0)
            {
                return [.. claimed.Select(c => ChangeOutcome<FlowExecution>.Changed(c.Row.Id, c.Row, c.Error))];
            }

            QueueSight sight = await statements.LookAsync(scope, cancellationToken).ConfigureAwait(false);
            switch (ClaimVerdict.Of(claim, sight, free, role))
            {
                case null:
                    return [];
                case { Error: { } error }:
                    return [ChangeOutcome<FlowExecution>.Failed(claim.FlowKey ?? (object?)sight.FreeId, error)];
            }

            free = sight.FreeId;
        }

        // Others took each run that was seen free: there is nothing left to do, or they are faster.
        return [];
    }

    private async Task<IReadOnlyList<ReadItem<FlowExecution>>> ClaimAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        for (int conflicts = 1; ; conflicts++)
        {
            try
            {
                return await statements.ClaimAsync(scope, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e) when (PostgresErrors.IsTransient(e.SqlState) && conflicts < MaxConflicts)
            {
                scope.Context.Log?.Invoke($"the server broke a deadlock or a serialization conflict ({e.SqlState}): claiming again");
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(5, 50 * conflicts)), cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
