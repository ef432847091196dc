using System.Diagnostics;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Statuses;

namespace LeoPS.Example;

/// <summary>Reads the ready handoffs, sends them in guarded batches, and shows a conflict and a move that is not allowed.</summary>
internal sealed class HandoffStory(ILeoDatabase database, CallContext context) : Story
{
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        List<HandoffPreparation> ready = await ReadAsync([HandoffStatus.Ready], cancellationToken);
        Title($"{ready.Count} handoffs are ready");
        ready.ForEach(Print);

        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> sent = Move(HandoffStatus.Sent, null, ready, cancellationToken);
        Title($"Sent in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms, stamped by the server's clock");
        Print(sent, Print);
        Expect(sent.All(o => o.Kind == OutcomeKind.Changed), "all of them are sent");

        // Somebody else accepts the first one; we still hold it as it was when it was sent.
        HandoffPreparation[] held = [.. sent.Take(3).Select(o => o.Row!)];
        Move(HandoffStatus.Accepted, null, held[..1], cancellationToken);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> rejected =
            Move(HandoffStatus.Rejected, "End-to-end results are missing", held, cancellationToken);
        Title("Rejecting three, of which one was accepted by somebody else meanwhile: it is left alone");
        Print(rejected, Print);
        Expect(rejected[0].Error?.ErrorId == LeoErrorId.StatusConflict && rejected.Skip(1).All(o => o.Kind == OutcomeKind.Changed), "one conflict, two rejected");

        List<HandoffPreparation> accepted = await ReadAsync([HandoffStatus.Accepted], cancellationToken);
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> back = Move(HandoffStatus.Preparing, null, accepted[..1], cancellationToken);
        Title("Moving an accepted one back: the transition table has no such move");
        Print(back, Print);
        Expect(back[0].Error?.ErrorId == LeoErrorId.InvalidTransition, "the move is refused");

        Title("What it all came to");
        foreach (IGrouping<HandoffStatus, HandoffPreparation> group in (await ReadAsync(null, cancellationToken)).GroupBy(h => h.Status).OrderBy(g => g.Key))
        {
            Console.WriteLine($"  {group.Key,-10} {group.Count(),3}");
        }
    }

    private Task<List<HandoffPreparation>> ReadAsync(IReadOnlyList<HandoffStatus>? statuses, CancellationToken cancellationToken)
    {
        var query = new HandoffQuery { Filter = new HandoffFilter { Statuses = statuses }, OrderBy = HandoffOrder.PreparedAt };
        return ReadAsync(database.Handoffs.ReadAsync(query, context, cancellationToken));
    }

    private List<ChangeOutcome<HandoffPreparation>> Move(
        HandoffStatus target, string? reason, IEnumerable<HandoffPreparation> rows, CancellationToken cancellationToken)
    {
        var move = new StatusMove<HandoffStatus>(HandoffTransitions.Table, target, Force: false, reason);
        move.RequireReason();
        // The guard: each row must still be the one that was read.
        IEnumerable<StatusChange<HandoffPreparation>> changes = rows.Select(row => new StatusChange<HandoffPreparation>(
            row.Id, new RowGuard(row.RowVersion, StatusNames<HandoffStatus>.ToColumn(row.Status), row.UpdatedAt), row, row));
        return Change(
            (IReadOnlyList<StatusChange<HandoffPreparation>> batch, CancellationToken token) => database.Handoffs.ChangeAsync(move, batch, context, token),
            changes,
            HandoffTransitions.Table.Noun,
            cancellationToken);
    }

    private static void Print(HandoffPreparation row)
    {
        string summary = row.ImplementationSummary.Length <= 60 ? row.ImplementationSummary : $"{row.ImplementationSummary[..57]}...";
        string sent = row.SentAt is { } at ? $"{at.UtcDateTime:yyyy-MM-dd HH:mm}Z" : "-";
        Console.WriteLine($"  {row.Id.ToString()[..8]}  {row.Status,-9}  {row.SdKey ?? row.SdId,-13}  {sent,-17}  {summary}");
    }
}
