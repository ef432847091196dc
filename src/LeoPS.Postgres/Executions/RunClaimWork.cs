using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Postgres.Access;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Executions;

/// <summary>Claims queued runs; where none could be had, looks why.</summary>
/// <param name="statements">The statements.</param>
/// <param name="claim">What is wanted.</param>
/// <param name="keeper">Whoever will own the runs; null where nobody does.</param>
/// <param name="role">The role in force, for messages.</param>
internal sealed class RunClaimWork(RunClaimStatements statements, RunClaim claim, RunKeeper? keeper, string role)
{
    private const int MaxLooks = 4;
    private const int MaxConflicts = 8;

    /// <summary>A value that every run refuses must not take a worker through the whole queue.</summary>
    private const int MaxRefusals = 8;

    /// <summary>Runs that another process is just releasing or taking, and runs that the database refuses to start.</summary>
    private readonly HashSet<Guid> _passedOver = [];

    private readonly List<ChangeOutcome<FlowExecution>> _refused = [];

    public async Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ApplyAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        Guid? free = null;
        for (int look = 1; look <= MaxLooks; look++)
        {
            List<ReadItem<FlowExecution>> claimed = await ClaimAllAsync(scope, cancellationToken).ConfigureAwait(false);
            if (claimed.Count > 0 || _refused.Count > 0)
            {
                return [.. _refused, .. claimed.Select(c => ChangeOutcome<FlowExecution>.Changed(c.Row.Id, c.Row, c.Error, Note(c.Row)))];
            }

            QueueSight sight = await statements.LookAsync(scope, cancellationToken).ConfigureAwait(false);
            switch (ClaimVerdict.Of(claim, sight, free, role))
            {
                case null:
                    return [];
                case { Error: { } error }:
                    ChangeOutcome<FlowExecution>[] refused = [ChangeOutcome<FlowExecution>.Failed(claim.FlowKey ?? (object?)sight.FreeId, error)];
                    await AccessLook.ExplainAsync(scope, claim.Rules.Move.Table.Noun, TableCommand.Update, refused, cancellationToken).ConfigureAwait(false);
                    return refused;
            }

            free = sight.FreeId;
        }

        // Others took each run that was seen free: there is nothing left to do, or they are faster.
        return [];
    }

    /// <summary>
    /// Claims as many runs as are wanted. A claim that the database refuses for one run is halved until that run stands alone, and the run is
    /// reported and passed over.
    /// </summary>
    private async Task<List<ReadItem<FlowExecution>>> ClaimAllAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        var claimed = new List<ReadItem<FlowExecution>>();
        int size = claim.Count;
        Guid? only = null;
        while (claimed.Count < claim.Count && _refused.Count < MaxRefusals)
        {
            try
            {
                int wanted = Math.Min(size, claim.Count - claimed.Count);
                IReadOnlyList<ReadItem<FlowExecution>> part = await ClaimAsync(scope, wanted, only, cancellationToken).ConfigureAwait(false);
                claimed.AddRange(part);
                if ((part.Count == 0 && only is null) || (size == claim.Count && _refused.Count == 0 && only is null))
                {
                    break;
                }

                only = null;
            }
            catch (PostgresException e) when (PostgresErrors.IsAboutOneRow(e) && !claim.IsAtomic)
            {
                if (only is { } refused)
                {
                    _passedOver.Add(refused);
                    _refused.Add(ChangeOutcome<FlowExecution>.Failed(
                        refused, (LeoException)PostgresErrors.Translate(e, role, cancellationToken)));
                    (only, size) = (null, claim.Count);
                }
                else if (size > 1)
                {
                    size /= 2;
                }
                else if ((only = await statements.FindOldestAsync(scope, _passedOver, cancellationToken).ConfigureAwait(false)) is null)
                {
                    break;
                }
            }
        }

        return claimed;
    }

    private async Task<IReadOnlyList<ReadItem<FlowExecution>>> ClaimAsync(StatementScope scope, int count, Guid? only, CancellationToken cancellationToken)
    {
        for (int conflicts = 1; ;)
        {
            try
            {
                ClaimedRuns claimed = keeper is null
                    ? await statements.ClaimAsync(scope, count, _passedOver, only, cancellationToken).ConfigureAwait(false)
                    : await keeper.ClaimAsync(scope, (inside, token) => statements.ClaimAsync(inside, count, _passedOver, only, token), cancellationToken)
                        .ConfigureAwait(false);
                if (claimed.Rows.Count > 0 || claimed.PassedOver.Count == 0)
                {
                    return claimed.Rows;
                }

                _passedOver.UnionWith(claimed.PassedOver);
            }
            catch (PostgresException e) when (PostgresErrors.IsTransient(e.SqlState) && conflicts < MaxConflicts)
            {
                scope.Context.Log?.Invoke($"the server broke a deadlock or a serialization conflict ({e.SqlState}): claiming again");
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(5, 50 * conflicts++)), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private string? Note(FlowExecution row) => keeper is null || RunOwner.Of(row) is not null
        ? null
        : $"The metadata of execution {row.Id} ({row.ExecutionKey}) is no JSON object, so its owner could not be written there: if this process dies, the run is not found as an orphan.";
}
