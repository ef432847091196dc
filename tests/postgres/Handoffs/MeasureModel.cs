using LeoPS.Handoffs;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>The figures of Measure-HandoffPreparation as their definitions have them, over a few rows, with no thought of speed.</summary>
internal sealed class MeasureModel(IReadOnlyList<MeasuredRow> rows)
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
        var attempts = chosen.Where(r => r == FirstAccepted(r.SdId)).Select(r => (double)InOrder(r.SdId).IndexOf(r) + 1).ToList();
        var blocked = chosen.Where(r => r.Status == HandoffStatus.Rejected && r.Answered.Value is not null).Select(Blocked).ToList();
        return new Figures(
            chosen.Count,
            chosen.Count(r => r.Status == HandoffStatus.Accepted),
            chosen.Count(r => r.Status == HandoffStatus.Rejected),
            Lead([.. chosen.Select(r => (r.Sent.Value - r.Prepared.Value)?.TotalSeconds).OfType<double>()]),
            Lead([.. chosen.Select(r => (r.Answered.Value - r.Sent.Value)?.TotalSeconds).OfType<double>()]),
            attempts.Count == 0 ? null : attempts.Average(),
            blocked.Sum(b => b?.TotalHours ?? 0),
            blocked.Count(b => b is null));
    }

    private List<MeasuredRow> InOrder(string sdId) =>
        [.. rows.Where(r => r.SdId == sdId).OrderBy(r => r.Prepared.Value is null).ThenBy(r => r.Prepared.Value).ThenBy(r => r.Id.ToString(), StringComparer.Ordinal)];

    private MeasuredRow? FirstAccepted(string sdId) => InOrder(sdId).Find(r => r.Status == HandoffStatus.Accepted);

    /// <summary>From the rejection to the next that happened in its SD; null where nothing did. Of two at one time the second counts on.</summary>
    private TimeSpan? Blocked(MeasuredRow rejected)
    {
        DateTimeOffset from = rejected.Answered.Value!.Value;
        var life = rows.Where(r => r.SdId == rejected.SdId).ToList();
        if (life.Exists(r => r.Status == HandoffStatus.Rejected && r.Answered.Value == from && string.CompareOrdinal(r.Id.ToString(), rejected.Id.ToString()) > 0))
        {
            return TimeSpan.Zero;
        }

        var later = life.Select(r => r.Prepared.Value)
            .Concat(life.Where(r => r.IsAnswered).Select(r => r.Answered.Value))
            .Where(t => t > from)
            .ToList();
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

    /// <summary>Seconds.</summary>
    public sealed record LeadTime(long Count, double? Mean, double? P50, double? P95);

    public sealed record Figures(
        long Count, long Accepted, long Rejections, LeadTime ToSent, LeadTime ToAnswered, double? Attempts, double HoursBlocked, long StillBlocked);
}
