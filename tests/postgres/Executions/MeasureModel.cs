using LeoPS.Executions;

namespace LeoPS.PostgresTests.Executions;

/// <summary>The figures of Measure-FlowExecution as their definitions have them, over a few rows, with no thought of speed.</summary>
internal sealed class MeasureModel(IReadOnlyList<MeasuredRun> rows)
{
    public sealed record Group(Guid? FlowId, ExecutionStatus? Status, ExecutionMode? Mode, DateTimeOffset? Day, DateTimeOffset? Hour, Guid? User, DateTimeOffset? Interval);

    /// <summary>Durations in seconds.</summary>
    public sealed record Figures(
        IReadOnlyDictionary<ExecutionStatus, int> Counts, int Count, double? SuccessRate, IReadOnlyList<double> Durations, double? PerHour, long? Tokens, decimal? Cost, int CostCount, DateTimeOffset? First);

    /// <summary>The measures of a request, by group.</summary>
    public Dictionary<Group, Figures> Measure(MeasureRequest request)
    {
        var chosen = rows.Where(r => Matches(request.Filter, r)).ToList();
        return request.GroupBy.Count == 0 && request.Interval is null
            ? new() { [new Group(null, null, null, null, null, null, null)] = FiguresOf(chosen) }
            : chosen.GroupBy(r => GroupOf(r, request)).ToDictionary(g => g.Key, g => FiguresOf([.. g]));
    }

    /// <summary>A percentile, between two neighbours interpolated; null of nothing.</summary>
    public static double? Percentile(IReadOnlyList<double> sorted, double share)
    {
        if (sorted.Count == 0)
        {
            return null;
        }

        double place = share * (sorted.Count - 1);
        int below = (int)Math.Floor(place);
        return sorted[below] + ((place - below) * (sorted[(int)Math.Ceiling(place)] - sorted[below]));
    }

    private static bool Matches(ExecutionFilter filter, MeasuredRun row) =>
        filter.FlowIds?.Contains(row.FlowId) != false
        && (filter.Statuses is null || (row.Status is { } status && filter.Statuses.Contains(status)))
        && (filter.Modes is null || (row.Mode is { } mode && filter.Modes.Contains(mode)))
        && (filter.ExecutedBy is null || (row.User is { } user && filter.ExecutedBy.Contains(user)))
        && (filter.After is not { } after || row.Started.IsAtOrAfter(after))
        && (filter.Before is not { } before || row.Started.IsBefore(before));

    private static Group GroupOf(MeasuredRun row, MeasureRequest request)
    {
        DateTimeOffset? Truncated(TimeSpan? width) =>
            width is { } w && row.Started.Value is { } time ? new DateTimeOffset(Math.Max(0, time.UtcTicks - After(time, w)), TimeSpan.Zero) : null;
        long After(DateTimeOffset time, TimeSpan w) => (((time - DateTimeOffset.UnixEpoch).Ticks % w.Ticks) + w.Ticks) % w.Ticks;
        bool By(ExecutionGroup group) => request.GroupBy.Contains(group);
        return new Group(
            By(ExecutionGroup.Flow) ? row.FlowId : null,
            By(ExecutionGroup.Status) ? row.Status : null,
            By(ExecutionGroup.Mode) ? row.Mode : null,
            By(ExecutionGroup.Day) ? Truncated(TimeSpan.FromDays(1)) : null,
            By(ExecutionGroup.Hour) ? Truncated(TimeSpan.FromHours(1)) : null,
            By(ExecutionGroup.ExecutedBy) ? row.User : null,
            Truncated(request.Interval));
    }

    private static Figures FiguresOf(List<MeasuredRun> chosen)
    {
        var counts = Enum.GetValues<ExecutionStatus>().ToDictionary(s => s, s => chosen.Count(r => r.Status == s));
        int ended = chosen.Count(r => r.HasEnded);
        var both = chosen.Where(r => r.HasEnded && r.Started.Value is not null && r.Completed.Value is not null).ToList();
        double hours = both.Count == 0 ? 0 : (both.Max(r => r.Completed.Value!.Value) - both.Min(r => r.Started.Value!.Value)).TotalHours;
        var tokens = chosen.Where(r => r.Tokens is not null).Select(r => (long)r.Tokens!.Value).ToList();
        var costs = chosen.Select(r => r.KnownCost).OfType<decimal>().ToList();
        return new Figures(
            counts,
            chosen.Count,
            ended == 0 ? null : (double)counts[ExecutionStatus.Completed] / ended,
            [.. chosen.Select(r => r.Duration).OfType<double>().Order()],
            hours > 0 ? both.Count / hours : null,
            tokens.Count == 0 ? null : tokens.Sum(),
            costs.Count == 0 ? null : costs.Sum(),
            costs.Count,
            chosen.Min(r => r.Started.Value));
    }
}
