using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using Npgsql;

namespace LeoPS.Postgres.Handoffs;

/// <summary>A batch of handoffs to be made or put back: one insert; then, for those it did not make, a look at what they refer to and at whoever has their id.</summary>
internal sealed class HandoffDraftWork(HandoffDraftStatements statements, DraftRules rules, string role) : IBatchWork<HandoffDraft, HandoffPreparation>
{
    /// <summary>Sessions and directives that another transaction holds, so that nothing can be made to refer to them.</summary>
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);

    public string Noun => HandoffTransitions.Table.Noun;

    public TableCommand Command => TableCommand.Insert;

    public AdditionalColumnBatch<HandoffDraft>? Additional => statements.Additional;

    public async Task<IReadOnlyList<Written<HandoffPreparation>>> WriteAsync(
        StatementScope scope, IReadOnlyList<BatchItem<HandoffDraft>> items, LockMode mode, CancellationToken cancellationToken)
    {
        if (mode != LockMode.SkipHeld)
        {
            return await InsertAsync(scope, items, [.. Enumerable.Range(0, items.Count)], cancellationToken).ConfigureAwait(false);
        }

        // Some session's or directive's row is held: each by itself then, so that the others' handoffs are made; as one transaction, because
        // where one is refused the whole is tried again in halves, and must not find what it made itself.
        return await scope.InTransactionAsync(inside => InsertApartAsync(inside, items, cancellationToken), null, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<Judgement<HandoffDraft, HandoffPreparation>>> JudgeAsync(
        StatementScope scope, IReadOnlyList<BatchItem<HandoffDraft>> left, bool skippedHeld, CancellationToken cancellationToken)
    {
        IReadOnlyList<DraftSight> sights = await statements.LookAsync(scope, [.. left.Select(i => i.Change)], cancellationToken).ConfigureAwait(false);
        return [.. left.Zip(sights, (item, sight) => Judge(item, sight with { Held = _held.Contains(Reference(item.Change)) }, scope.Context.LockTimeout))];
    }

    public LeoException? Explain(PostgresException refusal) => refusal.SqlState switch
    {
        PostgresErrorCodes.InsufficientPrivilege => new LeoException(
            LeoErrorId.Forbidden, $"Role {role} may not make this handoff: {refusal.MessageText}. Connect as a role that may, such as service_role.", refusal.SqlState),
        PostgresErrorCodes.UniqueViolation when rules.Restores => DraftVerdict.Taken($"A handoff of this id, just made or hidden from role {role} by row level security,"),
        _ => null,
    };

    private static string Reference(HandoffDraft draft) => draft.SessionId?.ToString() ?? draft.Sd!;

    private async Task<IReadOnlyList<Written<HandoffPreparation>>> InsertApartAsync(
        StatementScope scope, IReadOnlyList<BatchItem<HandoffDraft>> items, CancellationToken cancellationToken)
    {
        var written = new List<Written<HandoffPreparation>>();
        foreach (IGrouping<string, int> part in Enumerable.Range(0, items.Count).GroupBy(i => Reference(items[i].Change)).Where(g => !_held.Contains(g.Key)))
        {
            try
            {
                written.AddRange(await InsertAsync(scope, items, [.. part], cancellationToken).ConfigureAwait(false));
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                _held.Add(part.Key);
            }
        }

        return written;
    }

    private async Task<IReadOnlyList<Written<HandoffPreparation>>> InsertAsync(
        StatementScope scope, IReadOnlyList<BatchItem<HandoffDraft>> items, int[] places, CancellationToken cancellationToken)
    {
        HandoffDraft[] drafts = Array.ConvertAll(places, i => items[i].Change);
        IReadOnlyList<ReadItem<HandoffPreparation>> made = await statements.InsertAsync(scope, drafts, cancellationToken).ConfigureAwait(false);
        Dictionary<Guid, int> placeOf = places.ToDictionary(i => items[i].Change.Id);
        return [.. made.Select(m => new Written<HandoffPreparation>(placeOf[m.Row.Id], m.Row, m.Error))];
    }

    private Judgement<HandoffDraft, HandoffPreparation> Judge(BatchItem<HandoffDraft> item, DraftSight sight, TimeSpan waited)
    {
        Verdict verdict = DraftVerdict.Of(rules, item.Change, sight, role, waited);
        return verdict.Kind switch
        {
            VerdictKind.LookAgain when item.Relooked => new Judgement<HandoffDraft, HandoffPreparation>(null, DraftVerdict.LeftOut(item.Change), null),
            VerdictKind.LookAgain => new Judgement<HandoffDraft, HandoffPreparation>(null, null, item with { Relooked = true }),
            _ => new Judgement<HandoffDraft, HandoffPreparation>(null, verdict.Error, null),
        };
    }
}
