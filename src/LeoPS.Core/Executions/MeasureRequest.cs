namespace LeoPS.Executions;

/// <summary>Which figures over runs are wanted.</summary>
/// <param name="Filter">Which runs.</param>
/// <param name="GroupBy">What to tell them apart by, in the order in which the measures come; empty for one measure of all.</param>
/// <param name="Interval">The width of parts of time to tell them apart by beside that; null for none.</param>
/// <param name="BudgetUsd">What the runs of each measure may cost, US dollars; null where nothing is said.</param>
public sealed record MeasureRequest(ExecutionFilter Filter, IReadOnlyList<ExecutionGroup> GroupBy, TimeSpan? Interval, decimal? BudgetUsd)
{
    /// <summary>Fails where an interval or a budget is none.</summary>
    /// <returns>This request, each group once.</returns>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public MeasureRequest Check()
    {
        if (Interval is { } width && (width < TimeSpan.FromSeconds(1) || width.Ticks % TimeSpan.TicksPerSecond != 0))
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, $"An interval of {width} was given; it is whole seconds, one at least.");
        }

        return BudgetUsd is { } budget && budget <= 0
            ? throw new LeoException(LeoErrorId.ValueOutOfRange, $"A budget of {budget} US dollars was given, and nothing can be measured by it. Give more than 0.")
            : this with { GroupBy = [.. GroupBy.Distinct()] };
    }

    /// <summary>The time that a group's budget is for: from its beginning to its end, null where it has none.</summary>
    /// <param name="day">Beginning of the day that the group is of; null where they are not grouped by it.</param>
    /// <param name="hour">Beginning of the hour.</param>
    /// <param name="interval">Beginning of the part of time.</param>
    internal (DateTimeOffset? Start, DateTimeOffset? End) Period(DateTimeOffset? day, DateTimeOffset? hour, DateTimeOffset? interval) => (
        new[] { Filter.After, day, hour, interval }.Max(),
        new[] { Filter.Before, Later(day, TimeSpan.FromDays(1)), Later(hour, TimeSpan.FromHours(1)), Later(interval, Interval ?? TimeSpan.Zero) }.Min());

    /// <summary>What has no time behind it ends with time itself.</summary>
    private static DateTimeOffset? Later(DateTimeOffset? time, TimeSpan by) =>
        time is { } start ? DateTimeOffset.MaxValue - start > by ? start + by : DateTimeOffset.MaxValue : null;
}
