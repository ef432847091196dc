using LeoPS.Handoffs;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>The figures of Measure-HandoffPreparation as their definitions have them, over a few rows, with no thought of speed.</summary>
/// <param name="rows">The table.</param>
/// <param name="history">The status changes of each row in their order; null where there is no history.</param>
internal sealed class MeasureModel(IReadOnlyList<MeasuredRow> rows, IReadOnlyDictionary<Guid, MeasuredMove[]>? history = null)
{
    /// <summary>A group as text, so that groups can be compared; a null and a group that is not asked for are the same here.</summary>
    public sealed record Group(HandoffStatus? Status, string? SdId, Guid? SessionId, DateTimeOffset? Day, DateTimeOffset? Week);

    /// <summary>The measures of a selection, by group.</summary>
    public Dictionary<Group, Figures> Measure(HandoffFilter filter, IReadOnlyCollection<HandoffGroup> groupBy)
    {
        var chosen = rows.Where(r => Matches(filter, r)).ToList();
        return groupBy.Count == 0
            ? new() { [new Group(null, null, null, null, null)] = FiguresOf(chosen) }
            : chosen.GroupBy(r => GroupOf(r, groupBy)).ToDictionary(g => g.Key, g => FiguresOf([.. g]));
    }

    private static bool Matches(HandoffFilter filter, MeasuredRow row) =>
        filter.SdIds?.Contains(row.SdId) != false
        && filter.SessionIds?.Contains(row.SessionId) != false
        && filter.Statuses?.Contains(row.Status) != false
        && (filter.After is not { } after || row.Prepared.IsAtOrAfter(after))
        && (filter.Before is not { } before || row.Prepared.IsBefore(before));

    private static Group GroupOf(MeasuredRow row, IReadOnlyCollection<HandoffGroup> groupBy)
    {
        DateTimeOffset? day = row.Prepared.Value is { } time ? new DateTimeOffset(time.UtcDateTime.Date, TimeSpan.Zero) : null;
        return new Group(
            groupBy.Contains(HandoffGroup.Status) ? row.Status : null,
            groupBy.Contains(HandoffGroup.SdId) ? row.SdId : null,
            groupBy.Contains(HandoffGroup.SessionId) ? row.SessionId : null,
            groupBy.Contains(HandoffGroup.Day) ? day : null,
            groupBy.Contains(HandoffGroup.Week) ? day?.AddDays(-(((int)day.Value.DayOfWeek + 6) % 7)) : null);
    }

    private Figures FiguresOf(List<MeasuredRow> chosen)
    {
        var attempts = chosen.Where(r => r == FirstAccepted(r.SdId)).Select(r => (double)Attempts(r)).ToList();
        var rejections = chosen.SelectMany(r => Answers(r).Where(a => a.Kind == EventKind.Rejected).Select(a => (r.SdId, Event: a))).ToList();
        var blocked = rejections.Where(r => r.Event.At is not null).Select(r => Blocked(r.SdId, r.Event)).ToList();
        return new Figures(
            chosen.Count,
            chosen.Count(r => r.Status == HandoffStatus.Accepted),
            rejections.Count,
            Lead([.. chosen.Select(r => (r.Sent.Value - r.Prepared.Value)?.TotalSeconds).OfType<double>()]),
            Lead([.. chosen.Select(r => (r.Answered.Value - r.Sent.Value)?.TotalSeconds).OfType<double>()]),
            attempts.Count == 0 ? null : attempts.Average(),
            blocked.Sum(b => b?.TotalHours ?? 0),
            blocked.Count(b => b is null));
    }

    private List<MeasuredRow> InOrder(string sdId) =>
        [.. rows.Where(r => r.SdId == sdId).OrderBy(r => r.Prepared.Value is null).ThenBy(r => r.Prepared.Value).ThenBy(r => r.Id.ToString(), StringComparer.Ordinal)];

    private MeasuredRow? FirstAccepted(string sdId) => InOrder(sdId).Find(r => r.Status == HandoffStatus.Accepted);

    /// <summary>Each handoff up to this one was prepared once, and again whenever it was taken up after a rejection.</summary>
    private int Attempts(MeasuredRow row) =>
        InOrder(row.SdId).TakeWhile(r => r != row).Append(row).Sum(r => 1 + Answers(r).Count(a => a.Kind == EventKind.Resumed));

    /// <summary>What became of a handoff after it was prepared, as the history tells it, and the row what the history cannot know.</summary>
    private List<Event> Answers(MeasuredRow row)
    {
        var events = new List<Event>();
        MeasuredMove[] moves = history?.GetValueOrDefault(row.Id) ?? [];
        for (int i = 0; i < moves.Length; i++)
        {
            bool isStillAsInserted = moves[i].From is null && i == moves.Length - 1;
            if (moves[i].To == HandoffStatus.Accepted && !isStillAsInserted)
            {
                events.Add(new Event(row.Id, i, EventKind.Accepted, moves[i].At));
            }
            else if (moves[i].To == HandoffStatus.Rejected && !isStillAsInserted)
            {
                events.Add(new Event(row.Id, i, EventKind.Rejected, moves[i].At));
            }
            else if (moves[i].From == HandoffStatus.Rejected && moves[i].To is HandoffStatus.Preparing or HandoffStatus.Ready or HandoffStatus.Sent)
            {
                events.Add(new Event(row.Id, i, EventKind.Resumed, moves[i].At));
            }
        }

        if (row.IsAnswered)
        {
            EventKind kind = row.Status == HandoffStatus.Accepted ? EventKind.Accepted : EventKind.Rejected;
            if (!events.Exists(e => e.Kind == kind))
            {
                events.Add(new Event(row.Id, moves.Length, kind, row.Answered.Value));
            }
        }

        return events;
    }

    /// <summary>From the rejection to the next that happened in its SD; null where nothing did. Of several at one time the last counts on.</summary>
    private TimeSpan? Blocked(string sdId, Event rejection)
    {
        DateTimeOffset from = rejection.At!.Value;
        var life = rows.Where(r => r.SdId == sdId).ToList();
        var answers = life.SelectMany(Answers).ToList();
        Event last = answers.Where(a => a.Kind == EventKind.Rejected && a.At == from)
            .OrderBy(a => a.RowId.ToString(), StringComparer.Ordinal).ThenBy(a => a.Number).Last();
        if (rejection != last)
        {
            return TimeSpan.Zero;
        }

        var later = life.Select(r => r.Prepared.Value).Concat(answers.Select(a => a.At)).Where(t => t > from).ToList();
        return later.Count == 0 ? null : later.Min() - from;
    }

    private static LeadTime Lead(List<double> seconds)
    {
        seconds.Sort();
        return seconds.Count == 0 ? new(0, null, null, null) : new(seconds.Count, seconds.Average(), Percentile(seconds, 0.5), Percentile(seconds, 0.95));
    }

    private static double Percentile(List<double> sorted, double share)
    {
        double place = share * (sorted.Count - 1);
        int below = (int)Math.Floor(place);
        int above = (int)Math.Ceiling(place);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }

    private enum EventKind
    {
        Accepted,
        Rejected,
        Resumed,
    }

    private sealed record Event(Guid RowId, int Number, EventKind Kind, DateTimeOffset? At);

    /// <summary>Seconds.</summary>
    public sealed record LeadTime(long Count, double? Mean, double? P50, double? P95);

    public sealed record Figures(
        long Count, long Accepted, long Rejections, LeadTime ToSent, LeadTime ToAnswered, double? Attempts, double HoursBlocked, long StillBlocked);
}
