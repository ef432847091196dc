using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Executions;

/// <summary>Starts one run that this process owns: it is owned before anybody can see it, and it is not left there where the role could never end it.</summary>
internal sealed class OwnedStartWork(RunStartStatements statements, RunStartRules rules, RunKeeper keeper, string role)
{
    public async Task<OwnedStart> ApplyAsync(StatementScope scope, RunStart start, CancellationToken cancellationToken)
    {
        var own = new List<OwnedRun>();
        OwnedRun? run = null;
        try
        {
            start = await OwnAsync(start, own, cancellationToken).ConfigureAwait(false);
            ChangeOutcome<FlowExecution> outcome;
            try
            {
                outcome = await scope.InTransactionAsync(
                    inside => StartAsync(inside, start, own, cancellationToken), o => o.Kind == OutcomeKind.Changed, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException refusal) when (PostgresErrors.IsAboutOneRow(refusal))
            {
                // At COMMIT, by a constraint that is deferred.
                outcome = ChangeOutcome<FlowExecution>.Failed(start.Source, (LeoException)PostgresErrors.Translate(refusal, role, cancellationToken));
            }

            run = outcome.Kind == OutcomeKind.Changed ? own.Find(o => o.Id == outcome.Row!.Id) : null;
            run?.Stand(outcome.Row!.RowVersion);
            return new OwnedStart(outcome, run);
        }
        finally
        {
            own.Where(o => o != run).ToList().ForEach(o => o.Release());
        }
    }

    private async Task<ChangeOutcome<FlowExecution>> StartAsync(StatementScope inside, RunStart start, List<OwnedRun> own, CancellationToken cancellationToken)
    {
        var runner = new BatchRunner<RunStart, FlowExecution>(new RunStartWork(statements, rules, role), role, LockMode.AsMet);
        ChangeOutcome<FlowExecution> outcome = (await runner.ApplyAsync(inside, [start], cancellationToken).ConfigureAwait(false))[0];
        if (outcome.Kind != OutcomeKind.Changed)
        {
            return outcome;
        }

        FlowExecution row = outcome.Row!;
        if (!await RunStartStatements.HoldAsync(inside, row.Id, cancellationToken).ConfigureAwait(false))
        {
            return ChangeOutcome<FlowExecution>.Failed(outcome.Source, LeoErrors.NeverEnded(start.FlowLabel, role));
        }

        // The second try after a taken key has an id of its own.
        if (!own.Exists(o => o.Id == row.Id))
        {
            await OwnAsync(row.Id, own, cancellationToken).ConfigureAwait(false);
        }

        return outcome;
    }

    /// <summary>Owns the id that the run will have. One that somebody has a lock for by chance gives way to another.</summary>
    private async Task<RunStart> OwnAsync(RunStart start, List<OwnedRun> own, CancellationToken cancellationToken)
    {
        while (!await OwnAsync(start.Id, own, cancellationToken).ConfigureAwait(false))
        {
            start = start with { Id = Guid.NewGuid() };
        }

        return start;
    }

    private async Task<bool> OwnAsync(Guid id, List<OwnedRun> own, CancellationToken cancellationToken)
    {
        if (await keeper.OwnAsync(id, cancellationToken).ConfigureAwait(false) is not { } run)
        {
            return false;
        }

        own.Add(run);
        return true;
    }
}
