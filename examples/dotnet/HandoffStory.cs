using System.Diagnostics;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Reading;
using LeoPS.Statuses;

namespace LeoPS.Example;

/// <summary>Reads the ready handoffs, sends them in guarded batches, and shows a conflict and a move that is not allowed.</summary>
internal sealed class HandoffStory(ILeoDatabase database, CallContext context)
{
    private bool _asTold = true;

    /// <summary>Tells it; false where something did not end as it should.</summary>
    public async Task<bool> TellAsync(CancellationToken cancellationToken)
    {
        List<HandoffPreparation> ready = await ReadAsync([HandoffStatus.Ready], cancellationToken);
        Title($"{ready.Count} handoffs are ready");
        ready.ForEach(Print);

        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> sent = Move(HandoffStatus.Sent, null, ready, cancellationToken);
        Title($"Sent in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms, stamped by the server's clock");
        Print(sent);
        Expect(sent.All(o => o.Kind == OutcomeKind.Changed), "all of them are sent");

        // Somebody else accepts the first one; we still hold it as it was when it was sent.
        HandoffPreparation[] held = [.. sent.Take(3).Select(o => o.Row!)];
        Move(HandoffStatus.Accepted, null, held[..1], cancellationToken);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> rejected =
            Move(HandoffStatus.Rejected, "End-to-end results are missing", held, cancellationToken);
        Title("Rejecting three, of which one was accepted by somebody else meanwhile: it is left alone");
        Print(rejected);
        Expect(rejected[0].Error?.ErrorId == LeoErrorId.StatusConflict && rejected.Skip(1).All(o => o.Kind == OutcomeKind.Changed), "one conflict, two rejected");

        List<HandoffPreparation> accepted = await ReadAsync([HandoffStatus.Accepted], cancellationToken);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> back = Move(HandoffStatus.Preparing, null, accepted[..1], cancellationToken);
        Title("Moving an accepted one back: the transition table has no such move");
        Print(back);
        Expect(back[0].Error?.ErrorId == LeoErrorId.InvalidTransition, "the move is refused");

        Title("What it all came to");
        foreach (IGrouping<HandoffStatus, HandoffPreparation> group in (await ReadAsync(null, cancellationToken)).GroupBy(h => h.Status).OrderBy(g => g.Key))
        {
            Console.WriteLine($"  {group.Key,-10} {group.Count(),3}");
        }

        return _asTold;
    }

    private async Task<List<HandoffPreparation>> ReadAsync(IReadOnlyList<HandoffStatus>? statuses, CancellationToken cancellationToken)
    {
        var query = new HandoffQuery { Filter = new HandoffFilter { Statuses = statuses }, OrderBy = HandoffOrder.PreparedAt };
        var rows = new List<HandoffPreparation>();
        await foreach (IReadOnlyList<ReadItem<HandoffPreparation>> chunk in database.Handoffs.ReadAsync(query, context, cancellationToken))
        {
            foreach (ReadItem<HandoffPreparation> item in chunk)
            {
                if (item.Error is not null)
                {
                    Console.WriteLine($"  {item.Error.ErrorId}: {item.Error.Message}");
                    continue;
                }

                rows.Add(item.Row);
            }
        }

        return rows;
    }

    /// <summary>What Set-HandoffStatus does: batches on their way while the next one fills, outcomes in input order.</summary>
    private List<ChangeOutcome<HandoffPreparation>> Move(
        HandoffStatus target, string? reason, IEnumerable<HandoffPreparation> rows, CancellationToken cancellationToken)
    {
        var move = new StatusMove<HandoffStatus>(HandoffTransitions.Table, target, Force: false, reason);
        move.RequireReason();
        using var pipeline = new ChangePipeline<StatusChange<HandoffPreparation>, HandoffPreparation>(
            (batch, token) => database.Handoffs.ChangeAsync(move, batch, context, token),
            new ChangePipelineOptions { Noun = HandoffTransitions.Table.Noun },
            cancellationToken);
        var outcomes = new List<ChangeOutcome<HandoffPreparation>>();
        foreach (HandoffPreparation row in rows)
        {
            // The guard: the row must still be the one that was read.
            var guard = new RowGuard(row.RowVersion, StatusNames<HandoffStatus>.ToColumn(row.Status), row.UpdatedAt);
            pipeline.Add(new StatusChange<HandoffPreparation>(row.Id, guard, row, row));
            outcomes.AddRange(pipeline.TakeFinished().SelectMany(f => f.Outcomes));
        }

        outcomes.AddRange(pipeline.Complete().SelectMany(f => f.Outcomes));
        return outcomes;
    }

    private void Expect(bool holds, string what)
    {
        if (!holds)
        {
            _asTold = false;
            Console.WriteLine($"  This was to be: {what}. It is not.");
        }
    }

    private static void Title(string text)
    {
        Console.WriteLine();
        Console.WriteLine(text);
    }

    private static void Print(IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes)
    {
        foreach (ChangeOutcome<HandoffPreparation> outcome in outcomes)
        {
            if (outcome.Row is { } row)
            {
                Print(row);
            }

            if (outcome.Error is { } error)
            {
                Console.WriteLine($"  {error.ErrorId}: {error.Message}");
            }
        }
    }

    private static void Print(HandoffPreparation row)
    {
        string summary = row.ImplementationSummary.Length <= 60 ? row.ImplementationSummary : $"{row.ImplementationSummary[..57]}...";
        string sent = row.SentAt is { } at ? $"{at.UtcDateTime:yyyy-MM-dd HH:mm}Z" : "-";
        Console.WriteLine($"  {row.Id.ToString()[..8]}  {row.Status,-9}  {row.SdKey ?? row.SdId,-13}  {sent,-17}  {summary}");
    }
}
