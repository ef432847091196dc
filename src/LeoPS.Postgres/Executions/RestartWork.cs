using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Executions;

/// <summary>A batch of restarts: one statement that writes both ends of each link; then, for those it did not restart, a look at the run and its flow.</summary>
internal sealed class RestartWork(RestartStatements statements, RunStartRules rules, string role) : IBatchWork<RunRestart, FlowExecution>
{
    /// <summary>The flows of runs, known once something that the batch needs was held.</summary>
    private readonly Dictionary<Guid, Guid> _flowOf = [];

    /// <summary>Flows whose row another transaction holds, so that their counter cannot be moved on.</summary>
    private readonly HashSet<Guid> _heldFlows = [];

    public string Noun => ExecutionTransitions.Table.Noun;

    /// <summary>Each flow by itself, so that the runs of the others are restarted; runs that nobody can see together.</summary>
    public IReadOnlyList<BatchItem<RunRestart>[]> PartsBesideHeld(BatchItem<RunRestart>[] items) => [.. items.GroupBy(i => FlowOf(i.Change)).Select(g => g.ToArray())];

    public async Task<IReadOnlyList<Written<FlowExecution>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RunRestart>> items, LockMode mode, CancellationToken cancellationToken)
    {
        int[] places = [.. Enumerable.Range(0, items.Count).Where(i => !_heldFlows.Contains(FlowOf(items[i].Change)))];
        if (places.Length == 0)
        {
            return [];
        }

        try
        {
            IReadOnlyList<Written<FlowExecution>> made = await statements.RestartAsync(scope, rules, Array.ConvertAll(places, i => items[i]), mode, cancellationToken).ConfigureAwait(false);
            return [.. made.Select(m => m with { At = places[m.At] })];
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            if (mode == LockMode.SkipHeld)
            {
                // All of one flow, which nobody need wait for again.
                _heldFlows.Add(FlowOf(items[places[0]].Change));
                return [];
            }

            foreach ((Guid id, RestartSight sight) in await statements.LookAsync(scope, [.. items.Select(i => i.Change.Id)], cancellationToken).ConfigureAwait(false))
            {
                _flowOf[id] = sight.Row!.FlowId;
            }

            throw;
        }
    }

    public async Task<IReadOnlyList<Judgement<RunRestart, FlowExecution>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RunRestart>> left, bool skippedHeld, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<Guid, RestartSight> sights = await statements.LookAsync(scope, [.. left.Select(i => i.Change.Id)], cancellationToken).ConfigureAwait(false);
        return [.. left.Select(item => Judge(item, sights.GetValueOrDefault(item.Change.Id), skippedHeld, scope.Context.LockTimeout))];
    }

    public LeoException? Explain(PostgresException refusal) => refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege
        ? new LeoException(
            LeoErrorId.Forbidden,
            $"Role {role} may not start a run like this one: {refusal.MessageText}. Nothing was written. Connect as a role that may, such as service_role.",
            refusal.SqlState)
        : null;

    private Judgement<RunRestart, FlowExecution> Judge(BatchItem<RunRestart> item, RestartSight sight, bool skippedHeld, TimeSpan waited)
    {
        RestartSight seen = sight with { Held = skippedHeld && sight.Held, FlowHeld = _heldFlows.Contains(FlowOf(item.Change)) };
        Verdict verdict = RestartVerdict.Of(rules, item.Change.Id, item.Guard, seen, role, waited, item.Relooked);
        return verdict.Kind == VerdictKind.LookAgain
            ? new Judgement<RunRestart, FlowExecution>(null, null, item with { Guard = seen.Row!.Guard, Relooked = true })
            : new Judgement<RunRestart, FlowExecution>(null, verdict.Error, null);
    }

    private Guid FlowOf(RunRestart change) => _flowOf.GetValueOrDefault(change.Id);
}
