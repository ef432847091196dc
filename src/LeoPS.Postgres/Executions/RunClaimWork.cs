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

    /// <summary>Runs that another process is just releasing or taking, and runs that the database refused to start.</summary>
    private readonly HashSet<Guid> _passedOver = [.. claim.Refused];

    public async Task<ClaimStep> ApplyAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        Guid? free = null;
        for (int look = 1; look <= MaxLooks; look++)
        {
            ClaimStep step = await ClaimStepAsync(scope, cancellationToken).ConfigureAwait(false);
            if (step.Outcomes.Count > 0 || claim.IsRest)
            {
                return step;
            }

            QueueSight sight = await statements.LookAsync(scope, cancellationToken).ConfigureAwait(false);
            switch (ClaimVerdict.Of(claim, sight, free, role))
            {
                case null:
                    return step;
                case { Error: { } error }:
                    ChangeOutcome<FlowExecution>[] refused = [ChangeOutcome<FlowExecution>.Failed(claim.FlowKey ?? (object?)sight.FreeId, error)];
                    await AccessLook.ExplainAsync(scope, claim.Rules.Move.Table.Noun, TableCommand.Update, refused, cancellationToken).ConfigureAwait(false);
                    return new ClaimStep(refused, null);
            }

            free = sight.FreeId;
        }

        // Others took each run that was seen free: there is nothing left to do, or they are faster.
        return new ClaimStep([], null);
    }

    /// <summary>
    /// Claims what one statement starts. A statement that the database refuses because of one run is halved until it starts some, or until
    /// the refused run stands alone and is reported.
    /// </summary>
    private async Task<ClaimStep> ClaimStepAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        int size = claim.IsAtomic ? claim.Count : Math.Min(claim.Count, claim.BatchSize);
        Guid? only = null;
        while (true)
        {
            try
            {
                IReadOnlyList<ReadItem<FlowExecution>> part = await ClaimAsync(scope, size, only, cancellationToken).ConfigureAwait(false);
                if (part.Count > 0 || only is null)
                {
                    return new ClaimStep(
                        [.. part.Select(c => ChangeOutcome<FlowExecution>.Changed(c.Row.Id, c.Row, c.Error, Note(c.Row)))],
                        part.Count < size ? null : claim.After(part.Count));
                }

                // Another process took it meanwhile.
                only = null;
            }
            catch (PostgresException e) when (PostgresErrors.IsAboutOneRow(e) && !claim.IsAtomic)
            {
                if (only is { } refused)
                {
                    var error = (LeoException)PostgresErrors.Translate(e, role, cancellationToken);
                    return new ClaimStep([ChangeOutcome<FlowExecution>.Failed(refused, error)], claim.AfterRefusal(refused));
                }

                if (size > 1)
                {
                    size /= 2;
                }
                else if ((only = await statements.FindOldestAsync(scope, _passedOver, cancellationToken).ConfigureAwait(false)) is null)
                {
                    return new ClaimStep([], null);
                }
            }
        }
    }

    private async Task<IReadOnlyList<ReadItem<FlowExecution>>> ClaimAsync(StatementScope scope, int count, Guid? only, CancellationToken cancellationToken)
    {
        var retry = new TransientRetry(scope, "claiming again");
        while (true)
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
            catch (PostgresException e) when (retry.Takes(e))
            {
                await retry.DelayAsync(e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private string? Note(FlowExecution row) => keeper is null || RunOwner.Of(row) is not null
        ? null
        : $"The metadata of execution {row.Id} ({row.ExecutionKey}) is no JSON object, so its owner could not be written there: if this process dies, the run is not found as an orphan.";
}
