using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Executions;

/// <summary>A batch of new runs: one insert; then, for those it did not make, a look at their flow and at whoever has their key.</summary>
internal sealed class RunStartWork(RunStartStatements statements, RunStartRules rules, string role) : IBatchWork<RunStart, FlowExecution>
{
    /// <summary>Flows whose row another transaction holds, so that their counter cannot be moved on.</summary>
    private readonly HashSet<string> _heldFlows = new(StringComparer.Ordinal);

    public string Noun => ExecutionTransitions.Table.Noun;

    public async Task<IReadOnlyList<Written<FlowExecution>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RunStart>> items, LockMode mode, CancellationToken cancellationToken)
    {
        if (mode != LockMode.SkipHeld)
        {
            return await InsertAsync(scope, items, [.. Enumerable.Range(0, items.Count)], cancellationToken).ConfigureAwait(false);
        }

        // Some flow's row is held: each flow by itself then, so that the others' runs start.
        var written = new List<Written<FlowExecution>>();
        foreach (IGrouping<string, int> flow in Enumerable.Range(0, items.Count).GroupBy(i => items[i].Change.FlowLabel).Where(g => !_heldFlows.Contains(g.Key)))
        {
            try
            {
                written.AddRange(await InsertAsync(scope, items, [.. flow], cancellationToken).ConfigureAwait(false));
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                _heldFlows.Add(flow.Key);
            }
        }

        return written;
    }

    public async Task<IReadOnlyList<Judgement<RunStart, FlowExecution>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RunStart>> left, bool skippedHeld, CancellationToken cancellationToken)
    {
        IReadOnlyList<StartSight> sights = await statements.LookAsync(scope, [.. left.Select(i => i.Change)], cancellationToken).ConfigureAwait(false);
        return [.. left.Zip(sights, (item, sight) => Judge(item, sight with { FlowHeld = _heldFlows.Contains(item.Change.FlowLabel) }, scope.Context.LockTimeout))];
    }

    public LeoException? Explain(PostgresException refusal) => refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege
        ? new LeoException(
            LeoErrorId.Forbidden,
            $"Role {role} may not start this run: {refusal.MessageText}. Row level security usually asks that executed_by is the user's own id: give -ExecutedBy, or connect as a role that may.",
            refusal.SqlState)
        : null;

    private async Task<IReadOnlyList<Written<FlowExecution>>> InsertAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RunStart>> items, int[] places, CancellationToken cancellationToken)
    {
        RunStart[] starts = Array.ConvertAll(places, i => items[i].Change);
        IReadOnlyList<ReadItem<FlowExecution>> made = await statements.InsertAsync(scope, rules, starts, cancellationToken).ConfigureAwait(false);
        Dictionary<Guid, int> placeOf = places.ToDictionary(i => items[i].Change.Id);
        return [.. made.Select(m => new Written<FlowExecution>(placeOf[m.Row.Id], m.Row, m.Error))];
    }

    private Judgement<RunStart, FlowExecution> Judge(BatchItem<RunStart> item, StartSight sight, TimeSpan waited)
    {
        Verdict verdict = StartVerdict.Of(rules, item.Change, sight, role, waited);
        return verdict.Kind switch
        {
            VerdictKind.AlreadyThere => new Judgement<RunStart, FlowExecution>(sight.Existing, null, null),
            // Nothing stands in the way of an own key, and a second try failed too: somebody has it whom we cannot see.
            VerdictKind.LookAgain when item.Relooked && item.Change.ExecutionKey is { } key => new Judgement<RunStart, FlowExecution>(null, StartVerdict.HiddenKey(key, role), null),
            // The key is made of the id: with another one it is another key.
            VerdictKind.LookAgain => new Judgement<RunStart, FlowExecution>(null, null, item with { Change = item.Change with { Id = Guid.NewGuid() }, Relooked = true }),
            _ => new Judgement<RunStart, FlowExecution>(null, verdict.Error, null),
        };
    }
}
