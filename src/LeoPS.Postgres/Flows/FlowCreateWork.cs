using LeoPS.Changes;
using LeoPS.Flows;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Flows;

/// <summary>A batch of new flows: an insert for each set of columns; then, for those it did not make, a look at whoever has their key.</summary>
internal sealed class FlowCreateWork(FlowStatements statements, string role) : IBatchWork<NewFlow, Flow>
{
    /// <summary>Keys that another transaction, not ended yet, makes or removes.</summary>
    private readonly HashSet<string> _heldKeys = new(StringComparer.Ordinal);

    public string Noun => "flow";

    public Task<IReadOnlyList<Written<Flow>>> WriteAsync(StatementScope scope, IReadOnlyList<BatchItem<NewFlow>> items, LockMode mode, CancellationToken cancellationToken)
    {
        int[][] parts = [.. Parts(items, mode)];
        // As one transaction: where one part is refused the whole is tried again in halves, and must not find what it made itself.
        return parts.Length <= 1
            ? InsertAsync(scope, items, parts, mode, cancellationToken)
            : scope.InTransactionAsync(inside => InsertAsync(inside, items, parts, mode, cancellationToken), keep: null, cancellationToken);
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

    /// <summary>
    /// The items by statements. Of several with one key the first as given is sent, and the look tells the others who has it. A column that is left
    /// out gets the table's own default, which a value of null would not; and where some key is held, each flow is sent by itself.
    /// </summary>
    private IEnumerable<int[]> Parts(IReadOnlyList<BatchItem<NewFlow>> items, LockMode mode)
    {
        IEnumerable<int> firsts = Enumerable.Range(0, items.Count)
            .GroupBy(i => items[i].Change.FlowKey, StringComparer.Ordinal)
            .Where(g => !_heldKeys.Contains(g.Key))
            .Select(g => g.MinBy(i => items[i].Index));
        return mode == LockMode.SkipHeld
            ? firsts.Select(i => new[] { i })
            : firsts.GroupBy(i => items[i].Change.Values.Given).Select(g => g.ToArray());
    }

    private async Task<IReadOnlyList<Written<Flow>>> InsertAsync(
        StatementScope scope, IReadOnlyList<BatchItem<NewFlow>> items, int[][] parts, LockMode mode, CancellationToken cancellationToken)
    {
        var written = new List<Written<Flow>>();
        foreach (int[] places in parts)
        {
            try
            {
                IReadOnlyList<ReadItem<Flow>> made = await statements.InsertAsync(scope, Array.ConvertAll(places, i => items[i].Change), cancellationToken).ConfigureAwait(false);
                Dictionary<Guid, int> placeOf = places.ToDictionary(i => items[i].Change.Id);
                written.AddRange(made.Select(m => new Written<Flow>(placeOf[m.Row.Id], m.Row, m.Error)));
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable && mode == LockMode.SkipHeld)
            {
                _heldKeys.Add(items[places[0]].Change.FlowKey);
            }
        }

        return written;
    }

    private Judgement<NewFlow, Flow> Judge(BatchItem<NewFlow> item, Flow? holder, TimeSpan waited)
    {
        Verdict verdict = FlowVerdict.OfNew(item.Change, holder, item.Relooked, _heldKeys.Contains(item.Change.FlowKey), role, waited);
        return verdict.Kind == VerdictKind.LookAgain
            ? new Judgement<NewFlow, Flow>(null, null, item with { Relooked = true })
            : new Judgement<NewFlow, Flow>(null, verdict.Error, null);
    }
}
