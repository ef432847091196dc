using LeoPS.Access;
using LeoPS.Flows;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;

namespace LeoPS.Postgres.Flows;

/// <summary>A batch of removals of flows. The database deletes the executions of a flow with it, so the rules decide in one transaction with the deletion.</summary>
internal sealed class FlowRemovalWork : IBatchWork<FlowRemoval, Flow>
{
    private readonly FlowRemovalStatements _statements;
    private readonly FlowRemovalRules _rules;
    private readonly FlowExport? _export;
    private readonly ExportedRemoval<FlowRemoval, Flow> _removal;
    private readonly string _role;

    /// <param name="statements">The statements.</param>
    /// <param name="rules">What may go along.</param>
    /// <param name="export">Takes flows and executions; null for no copies.</param>
    /// <param name="atOnce">True where each batch is written to it by itself; false where its owner does so before the commit of many.</param>
    /// <param name="role">The role in force, for messages.</param>
    public FlowRemovalWork(FlowRemovalStatements statements, FlowRemovalRules rules, FlowExport? export, bool atOnce, string role)
    {
        _statements = statements;
        _rules = rules;
        _export = export;
        _role = role;
        _removal = new ExportedRemoval<FlowRemoval, Flow>(DeleteAsync, flow => flow.Id, export, atOnce);
    }

    public string Noun => FlowVerdict.Noun;

    public TableCommand Command => TableCommand.Delete;

    public Task<IReadOnlyList<Written<Flow>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<FlowRemoval>> items, LockMode mode, CancellationToken cancellationToken) =>
        _removal.RunAsync(scope, items, mode, cancellationToken);

    public async Task<IReadOnlyList<Judgement<FlowRemoval, Flow>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<FlowRemoval>> left, bool skippedHeld, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. left.Select(i => i.Change.Id)];
        IReadOnlyDictionary<Guid, Seen<Flow>> seen = await _statements.LookUpAsync(scope, ids, cancellationToken).ConfigureAwait(false);
        IReadOnlyDictionary<Guid, FlowExecutionCount> counts = await FlowRemovalStatements.CountAsync(scope, ids, cancellationToken).ConfigureAwait(false);
        return [.. left.Select(item =>
        {
            Guid id = item.Change.Id;
            Seen<Flow>? found = seen.TryGetValue(id, out Seen<Flow> row) ? row : null;
            bool held = skippedHeld && found is { Held: true };
            LeoException error = _removal.FaultOf(id)
                ?? FlowVerdict.OfRemoval(item.Change, _rules, found?.Row, counts.GetValueOrDefault(id), held, _role, scope.Context.LockTimeout);
            return new Judgement<FlowRemoval, Flow>(null, error, null);
        })];
    }

    /// <summary>
    /// The locks come first, in a statement of their own: a start that was under way is then seen by the one that deletes, which would otherwise take the
    /// new execution along unseen.
    /// </summary>
    private Task<IReadOnlyList<Written<Flow>>> DeleteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<FlowRemoval>> items, LockMode mode, CancellationToken cancellationToken) => scope.InTransactionAsync<IReadOnlyList<Written<Flow>>>(
        async inside =>
        {
            HashSet<Guid> ids = await FlowRemovalStatements.LockAsync(inside, items.Select(i => i.Change.Id), mode, cancellationToken).ConfigureAwait(false);
            if (_rules.CopiesExecutions && ids.Count > 0)
            {
                ids = await _statements.FindDeletableAsync(inside, Among(items, ids), cancellationToken).ConfigureAwait(false);
                await GatherExecutionsAsync(inside, ids, cancellationToken).ConfigureAwait(false);
            }

            int[] places = [.. Enumerable.Range(0, items.Count).Where(i => ids.Contains(items[i].Change.Id))];
            return places.Length == 0
                ? []
                : [.. (await _statements.DeleteAsync(inside, Among(items, ids), cancellationToken).ConfigureAwait(false)).Select(w => w with { At = places[w.At] })];
        },
        null,
        cancellationToken);

    private static BatchItem<FlowRemoval>[] Among(IReadOnlyList<BatchItem<FlowRemoval>> items, HashSet<Guid> ids) => [.. items.Where(i => ids.Contains(i.Change.Id))];

    /// <exception cref="LeoException">UnreadableRow where an execution cannot be copied whole: its flow stays.</exception>
    private async Task GatherExecutionsAsync(StatementScope scope, HashSet<Guid> flowIds, CancellationToken cancellationToken)
    {
        if (flowIds.Count == 0)
        {
            return;
        }

        IReadOnlyList<ReadItem<FlowExecution>> deleted = await _statements.DeleteExecutionsAsync(scope, flowIds, cancellationToken).ConfigureAwait(false);
        LeoException? fault = null;
        foreach (ReadItem<FlowExecution> unreadable in deleted.Where(d => d.Error is not null))
        {
            fault ??= _removal.Exclude(unreadable.Row.FlowId, unreadable.Error!);
        }

        if (fault is not null)
        {
            throw fault;
        }

        foreach (IGrouping<Guid, FlowExecution> flow in deleted.Select(d => d.Row).GroupBy(e => e.FlowId))
        {
            _export!.Gather(flow.Key, [.. flow]);
        }
    }
}
