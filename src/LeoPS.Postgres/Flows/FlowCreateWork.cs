using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Flows;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Flows;

/// <summary>A batch of new flows: an insert for each set of columns; then, for those it did not make, a look at whoever has their key.</summary>
internal sealed class FlowCreateWork(FlowStatements statements, AdditionalColumnBatch<NewFlow> additional, string role) : IBatchWork<NewFlow, Flow>
{
    /// <summary>Keys that another transaction, not ended yet, makes or removes.</summary>
    private readonly HashSet<string> _heldKeys = new(StringComparer.Ordinal);

    public string Noun => FlowVerdict.Noun;

    public TableCommand Command => TableCommand.Insert;

    public AdditionalColumnBatch<NewFlow>? Additional => additional;

    /// <summary>As given: of several with one key the first is made. The statement itself puts them in the order of their keys.</summary>
    public IEnumerable<BatchItem<NewFlow>> InOrder(IEnumerable<BatchItem<NewFlow>> items) => items;

    /// <summary>Each flow by itself, so that the others are made.</summary>
    public IReadOnlyList<BatchItem<NewFlow>[]> PartsBesideHeld(BatchItem<NewFlow>[] items) => [.. items.Select(i => new[] { i })];

    public async Task<IReadOnlyList<Written<Flow>>> WriteAsync(StatementScope scope, IReadOnlyList<BatchItem<NewFlow>> items, LockMode mode, CancellationToken cancellationToken)
    {
        // Of several with one key the first is sent; the look tells the others who has it. Columns that are left out get the table's own
        // defaults, which values of null would not, so there is a statement for each set of columns.
        NewFlow[][] parts = [.. items
            .Select(i => i.Change)
            .Where(f => !_heldKeys.Contains(f.FlowKey))
            .DistinctBy(f => f.FlowKey, StringComparer.Ordinal)
            .GroupBy(f => f.Values.Given)
            .Select(g => g.ToArray())];
        try
        {
            // As one transaction: where one part is refused, all is tried again in halves, and must not find what it made itself.
            IReadOnlyList<ReadItem<Flow>> made = parts.Length <= 1
                ? await InsertAsync(scope, parts, cancellationToken).ConfigureAwait(false)
                : await scope.InTransactionAsync(inside => InsertAsync(inside, parts, cancellationToken), keep: null, cancellationToken).ConfigureAwait(false);
            Dictionary<Guid, int> placeOf = Enumerable.Range(0, items.Count).ToDictionary(i => items[i].Change.Id);
            return [.. made.Select(m => new Written<Flow>(placeOf[m.Row.Id], m.Row, m.Error))];
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable && mode == LockMode.SkipHeld)
        {
            // The only one, for whose key nobody need wait again.
            _heldKeys.Add(parts[0][0].FlowKey);
            return [];
        }
    }

    public async Task<IReadOnlyList<Judgement<NewFlow, Flow>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<NewFlow>> left, bool skippedHeld, CancellationToken cancellationToken)
    {
        Dictionary<string, Flow> holders = await statements.FindHoldersAsync(scope, left.Select(i => i.Change.FlowKey), cancellationToken).ConfigureAwait(false);
        return [.. left.Select(item => Judge(item, holders.GetValueOrDefault(item.Change.FlowKey), scope.Context.LockTimeout))];
    }

    public LeoException? Explain(PostgresException refusal) => refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege
        ? new LeoException(
            LeoErrorId.Forbidden,
            $"Role {role} may not make this flow: {refusal.MessageText}. Row level security usually asks that created_by is the user's own id (give -CreatedBy), and that its maker can read it afterwards, which Draft and Active flows allow; or connect as a role that may, such as service_role.",
            refusal.SqlState)
        : null;

    private async Task<IReadOnlyList<ReadItem<Flow>>> InsertAsync(StatementScope scope, NewFlow[][] parts, CancellationToken cancellationToken)
    {
        var made = new List<ReadItem<Flow>>();
        foreach (NewFlow[] part in parts)
        {
            made.AddRange(await statements.InsertAsync(scope, part, additional, cancellationToken).ConfigureAwait(false));
        }

        return made;
    }

    private Judgement<NewFlow, Flow> Judge(BatchItem<NewFlow> item, Flow? holder, TimeSpan waited)
    {
        Verdict verdict = FlowVerdict.OfNew(item.Change, holder, item.Relooked, _heldKeys.Contains(item.Change.FlowKey), role, waited);
        return verdict.Kind == VerdictKind.LookAgain
            ? new Judgement<NewFlow, Flow>(null, null, item with { Relooked = true })
            : new Judgement<NewFlow, Flow>(null, verdict.Error, null);
    }
}
