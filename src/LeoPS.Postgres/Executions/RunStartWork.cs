using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
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

    public TableCommand Command => TableCommand.Insert;

    public AdditionalColumnBatch<RunStart>? Additional => statements.Additional;

    /// <summary>As given: of two runs with one key the first starts. The statement itself puts them in the order of their flows.</summary>
    public IEnumerable<BatchItem<RunStart>> InOrder(IEnumerable<BatchItem<RunStart>> items) => items;

    /// <summary>Each flow by itself, so that the runs of the others start.</summary>
    public IReadOnlyList<BatchItem<RunStart>[]> PartsBesideHeld(BatchItem<RunStart>[] items) => [.. items.GroupBy(i => i.Change.FlowLabel).Select(g => g.ToArray())];

    public async Task<IReadOnlyList<Written<FlowExecution>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RunStart>> items, LockMode mode, CancellationToken cancellationToken)
    {
        RunStart[] starts = [.. items.Select(i => i.Change).Where(s => !_heldFlows.Contains(s.FlowLabel))];
        if (starts.Length == 0)
        {
            return [];
        }

        try
        {
            IReadOnlyList<ReadItem<FlowExecution>> made = await statements.InsertAsync(scope, rules, starts, cancellationToken).ConfigureAwait(false);
            Dictionary<Guid, int> placeOf = Enumerable.Range(0, items.Count).ToDictionary(i => items[i].Change.Id);
            return [.. made.Select(m => new Written<FlowExecution>(placeOf[m.Row.Id], m.Row, m.Error, items[placeOf[m.Row.Id]].Change.State?.Note))];
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable && mode == LockMode.SkipHeld)
        {
            // All of one flow, which nobody need wait for again.
            _heldFlows.Add(starts[0].FlowLabel);
            return [];
        }
    }

    public async Task<IReadOnlyList<Judgement<RunStart, FlowExecution>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<RunStart>> left, bool skippedHeld, CancellationToken cancellationToken)
    {
        IReadOnlyList<StartSight> sights;
        try
        {
            sights = await statements.LookAsync(scope, [.. left.Select(i => i.Change)], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsAboutOneRow(e))
        {
            // An input that is none, of a run whose key is taken and whose flow does not start: the insert never looked at it.
            if (left.Count == 1)
            {
                return [new Judgement<RunStart, FlowExecution>(null, (LeoException)PostgresErrors.Translate(e, role, cancellationToken), null)];
            }

            int half = left.Count / 2;
            IReadOnlyList<Judgement<RunStart, FlowExecution>> first = await JudgeAsync(scope, [.. left.Take(half)], skippedHeld, cancellationToken).ConfigureAwait(false);
            return [.. first, .. await JudgeAsync(scope, [.. left.Skip(half)], skippedHeld, cancellationToken).ConfigureAwait(false)];
        }

        return [.. left.Zip(sights, (item, sight) => Judge(item, sight with { FlowHeld = _heldFlows.Contains(item.Change.FlowLabel) }, scope.Context.LockTimeout))];
    }

    public LeoException? Explain(PostgresException refusal) => refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege
        ? new LeoException(
            LeoErrorId.Forbidden,
            $"Role {role} may not start this run: {refusal.MessageText}. Row level security usually asks that executed_by is the user's own id: give -ExecutedBy, or connect as a role that may.",
            refusal.SqlState)
        : null;

    private Judgement<RunStart, FlowExecution> Judge(BatchItem<RunStart> item, StartSight sight, TimeSpan waited)
    {
        Verdict verdict = StartVerdict.Of(rules, item.Change, sight, role, waited);
        return verdict.Kind switch
        {
            VerdictKind.AlreadyThere => new Judgement<RunStart, FlowExecution>(sight.Existing, null, null),
            // Nothing stands in the way of a run that is put back, and a second try failed too.
            VerdictKind.LookAgain when item.Relooked && item.Change.Restored is not null => new Judgement<RunStart, FlowExecution>(
                null, StartVerdict.Taken($"A run with the id {item.Change.Id} or the key {item.Change.ExecutionKey}, just made or hidden from role {role} by row level security,"), null),
            VerdictKind.LookAgain when item.Change.Restored is not null => new Judgement<RunStart, FlowExecution>(null, null, item with { Relooked = true }),
            // Nothing stands in the way of an own key, and a second try failed too: somebody has it whom we cannot see.
            VerdictKind.LookAgain when item.Relooked && item.Change.ExecutionKey is { } key => new Judgement<RunStart, FlowExecution>(null, StartVerdict.HiddenKey(key, role), null),
            // The key is made of the id: with another one it is another key.
            VerdictKind.LookAgain => new Judgement<RunStart, FlowExecution>(null, null, item with { Change = item.Change with { Id = Guid.NewGuid() }, Relooked = true }),
            _ => new Judgement<RunStart, FlowExecution>(null, verdict.Error, null),
        };
    }
}
