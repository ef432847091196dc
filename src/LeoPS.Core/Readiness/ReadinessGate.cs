using LeoPS.Changes;

namespace LeoPS.Readiness;

/// <summary>
/// Lets only those handoffs of a bulk change through that are ready enough. What is judged is what is moved: a handoff that was named
/// by its id alone is read first, and then moved with the guard of what was read.
/// </summary>
/// <param name="rules">The thresholds.</param>
/// <param name="worst">The verdict that just passes: with Pass no finding is allowed, with Warning none that blocks.</param>
/// <param name="read">Reads handoffs by their ids; those that cannot be seen are missing.</param>
public sealed class ReadinessGate(
    ReadinessRules rules,
    ReadinessVerdict worst,
    Func<IReadOnlyList<Guid>, CancellationToken, Task<IReadOnlyDictionary<Guid, HandoffPreparation>>> read)
{
    /// <summary>Why a handoff may not pass; null where it may.</summary>
    public LeoException? Refusal(HandoffPreparation handoff)
    {
        HandoffReadinessReport report = HandoffReadiness.Judge(handoff, rules);
        return report.Verdict > worst ? LeoErrors.NotReady(report) : null;
    }

    /// <summary>Moves those that are ready; where all or none are to move, none where one is not ready. One outcome per change, in the order given.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="atomic">True for all or none.</param>
    /// <param name="apply">Moves changes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<BulkResult<HandoffPreparation>> ApplyAsync(
        IReadOnlyList<StatusChange<HandoffPreparation>> changes,
        bool atomic,
        Func<IReadOnlyList<StatusChange<HandoffPreparation>>, Task<BulkResult<HandoffPreparation>>> apply,
        CancellationToken cancellationToken)
    {
        (ChangeOutcome<HandoffPreparation>?[] refused, StatusChange<HandoffPreparation>[] judged) =
            await JudgeAsync(changes, cancellationToken).ConfigureAwait(false);
        if (atomic && Array.Exists(refused, r => r is not null))
        {
            return new BulkResult<HandoffPreparation>(
                false, [.. refused.Select((r, i) => r ?? ChangeOutcome<HandoffPreparation>.Unchanged(judged[i].Source, judged[i].Row!))]);
        }

        StatusChange<HandoffPreparation>[] passing = [.. judged.Where((_, i) => refused[i] is null)];
        BulkResult<HandoffPreparation> result =
            passing.Length == 0 ? new BulkResult<HandoffPreparation>(true, []) : await apply(passing).ConfigureAwait(false);
        int next = 0;
        return result with { Outcomes = [.. refused.Select((r, i) => r ?? Noted(judged[i], result.Outcomes[next++]))] };
    }

    /// <summary>What is refused, by place; and the changes with the rows that were judged.</summary>
    private async Task<(ChangeOutcome<HandoffPreparation>?[] Refused, StatusChange<HandoffPreparation>[] Judged)> JudgeAsync(
        IReadOnlyList<StatusChange<HandoffPreparation>> batch, CancellationToken cancellationToken)
    {
        Guid[] unknown = [.. batch.Where(c => c.Row is null).Select(c => c.Id)];
        IReadOnlyDictionary<Guid, HandoffPreparation> rows = unknown.Length == 0
            ? new Dictionary<Guid, HandoffPreparation>()
            : await read(unknown, cancellationToken).ConfigureAwait(false);
        var refused = new ChangeOutcome<HandoffPreparation>?[batch.Count];
        var judged = new StatusChange<HandoffPreparation>[batch.Count];
        for (int i = 0; i < judged.Length; i++)
        {
            judged[i] = batch[i];
            if (batch[i].Row is null && rows.TryGetValue(batch[i].Id, out HandoffPreparation? row))
            {
                // A guard of its own stays: the row that was read may be a newer one, and then it is a conflict.
                judged[i] = batch[i] with { Row = row, Guard = batch[i].Guard ?? row.Guard };
            }

            // One that cannot be seen goes on, and gets the error that such a one gets.
            if (judged[i].Row is { } known && Refusal(known) is { } error)
            {
                refused[i] = ChangeOutcome<HandoffPreparation>.Failed(batch[i].Source, error);
            }
        }

        return (refused, judged);
    }

    /// <summary>What was moved in spite of warnings says so.</summary>
    private ChangeOutcome<HandoffPreparation> Noted(StatusChange<HandoffPreparation> change, ChangeOutcome<HandoffPreparation> outcome)
    {
        if (outcome is not { Kind: OutcomeKind.Changed, Row: { } moved } || change.Row is not { } judged)
        {
            return outcome;
        }

        HandoffReadinessReport report = HandoffReadiness.Judge(judged, rules);
        return report.Verdict == ReadinessVerdict.Warning
            ? ChangeOutcome<HandoffPreparation>.Changed(outcome.Source, moved, outcome.Error, $"Handoff {report.SdKey ?? judged.SdId} {judged.Id} passed with warnings: {LeoErrors.List(report.Findings)}")
            : outcome;
    }
}
