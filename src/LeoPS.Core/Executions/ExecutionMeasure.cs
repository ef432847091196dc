namespace LeoPS;

/// <summary>
/// Figures over many runs, computed by the server. Times that are infinite or outside the years 1 to 9999 count as none.
/// docs/en-US/Measure-FlowExecution.md defines each figure.
/// </summary>
public sealed class ExecutionMeasure
{
    internal ExecutionMeasure()
    {
    }

    /// <summary>crewai_flows.flow_key of the group, or the flow's id where row level security hides the flow; null where they are not grouped by it.</summary>
    public string? Flow { get; internal init; }

    /// <summary>flow_id of the group; null where they are not grouped by it.</summary>
    public Guid? FlowId { get; internal init; }

    /// <summary>status of the group; null where they are not grouped by it, and for runs without one.</summary>
    public ExecutionStatus? Status { get; internal init; }

    /// <summary>execution_mode of the group; null where they are not grouped by it, and for runs without one.</summary>
    public ExecutionMode? Mode { get; internal init; }

    /// <summary>Beginning of the UTC day of started_at; null where they are not grouped by it, and for runs without that time.</summary>
    public DateTimeOffset? Day { get; internal init; }

    /// <summary>Beginning of the UTC hour of started_at; null where they are not grouped by it, and for runs without that time.</summary>
    public DateTimeOffset? Hour { get; internal init; }

    /// <summary>executed_by of the group; null where they are not grouped by it, and for runs without one.</summary>
    public Guid? ExecutedBy { get; internal init; }

    /// <summary>Beginning of the part of time of started_at, UTC; null without an interval, and for runs without that time.</summary>
    public DateTimeOffset? Interval { get; internal init; }

    /// <summary>Runs, whatever their status.</summary>
    public long Count { get; internal init; }

    /// <summary>Runs that are queued.</summary>
    public long Pending { get; internal init; }

    /// <summary>Runs that go on.</summary>
    public long Running { get; internal init; }

    /// <summary>Runs that completed.</summary>
    public long Completed { get; internal init; }

    /// <summary>Runs that failed.</summary>
    public long Failed { get; internal init; }

    /// <summary>Runs that were cancelled.</summary>
    public long Cancelled { get; internal init; }

    /// <summary>Runs that timed out.</summary>
    public long TimedOut { get; internal init; }

    /// <summary>Completed among the ended (completed, failed, cancelled, timed out), 0 to 1; null where none has ended.</summary>
    public double? SuccessRate => Ended == 0 ? null : (double)Completed / Ended;

    /// <summary>Runs whose duration is known: duration_ms, or where that is null completed_at - started_at.</summary>
    public long DurationCount { get; internal init; }

    /// <summary>Mean duration; null where none is known.</summary>
    public TimeSpan? DurationMean { get; internal init; }

    /// <summary>Median duration, between two neighbours interpolated; null where none is known.</summary>
    public TimeSpan? DurationP50 { get; internal init; }

    /// <summary>95th percentile of the duration, interpolated; null where none is known.</summary>
    public TimeSpan? DurationP95 { get; internal init; }

    /// <summary>99th percentile of the duration, interpolated; null where none is known.</summary>
    public TimeSpan? DurationP99 { get; internal init; }

    /// <summary>Longest duration; null where none is known.</summary>
    public TimeSpan? DurationMax { get; internal init; }

    /// <summary>Ended runs with both times per hour, from the first of their starts to the last of their ends; null where no time lies between.</summary>
    public double? ThroughputPerHour { get; internal init; }

    /// <summary>Sum of token_count; null where no run has one.</summary>
    public long? TokenCount { get; internal init; }

    /// <summary>Sum of cost_usd, US dollars; null where no run has one. NaN counts as none.</summary>
    public decimal? CostUsd { get; internal init; }

    /// <summary>Runs that have a cost_usd.</summary>
    public long CostCount { get; internal init; }

    /// <summary>What the runs may cost, US dollars; null where nothing was said.</summary>
    public decimal? BudgetUsd { get; internal init; }

    /// <summary>CostUsd as a part of BudgetUsd: 1 for all of it; null without a budget.</summary>
    public double? BudgetUsed => BudgetUsd is { } budget ? (double)((CostUsd ?? 0) / budget) : null;

    /// <summary>BudgetUsd without CostUsd, US dollars, negative where it is overdrawn; null without a budget.</summary>
    public decimal? BudgetLeftUsd => BudgetUsd - (CostUsd ?? 0);

    /// <summary>CostUsd per hour of the period so far, US dollars; null where none of it has passed, or no run has a cost.</summary>
    public double? CostPerHour
    {
        get
        {
            DateTimeOffset until = PeriodEnd is { } end && end < MeasuredAt ? end : MeasuredAt;
            return CostUsd is { } cost && PeriodStart is { } start && until > start ? (double)cost / (until - start).TotalHours : null;
        }
    }

    /// <summary>What the runs will have cost at the end of the period, if it goes on like this, US dollars; null where the period has no end, or nothing can be said.</summary>
    public double? ForecastUsd => PeriodEnd is not { } end ? null
        : end <= MeasuredAt ? (double?)CostUsd
        : CostPerHour is { } rate ? (double)CostUsd! + (rate * (end - MeasuredAt).TotalHours) : null;

    /// <summary>When the budget is used up, if it goes on like this; null without a budget, where it is used up already, and where it lasts beyond the period.</summary>
    public DateTimeOffset? BudgetEmptyAt
    {
        get
        {
            if (BudgetLeftUsd is not { } left || left <= 0 || CostPerHour is not { } rate || rate <= 0)
            {
                return null;
            }

            double hours = (double)left / rate;
            DateTimeOffset last = PeriodEnd ?? DateTimeOffset.MaxValue;
            return hours < (last - MeasuredAt).TotalHours ? MeasuredAt.AddHours(hours) : null;
        }
    }

    /// <summary>Beginning of the time that the budget is for; null where nothing says when it began.</summary>
    public DateTimeOffset? PeriodStart { get; internal init; }

    /// <summary>End of the time that the budget is for; null where it has none.</summary>
    public DateTimeOffset? PeriodEnd { get; internal init; }

    /// <summary>Sum of budget_consumed; null where the table has no such column, or no run has one.</summary>
    public decimal? BudgetConsumed { get; internal init; }

    /// <summary>Sum of budget_limit; null where the table has no such column, or no run has one.</summary>
    public decimal? BudgetLimit { get; internal init; }

    /// <summary>Runs that were ended for their budget (killed_by_budget); null where the table has no such column.</summary>
    public long? KilledByBudget { get; internal init; }

    /// <summary>The server's time when this was measured, UTC.</summary>
    public DateTimeOffset MeasuredAt { get; internal init; }

    /// <summary>What the runs were told apart by, in this order; empty for one measure of all. Not public: PowerShell would show it.</summary>
    internal IReadOnlyList<ExecutionGroup> GroupBy { get; init; } = [];

    /// <summary>True where they are told apart by parts of time.</summary>
    internal bool HasInterval { get; init; }

    private long Ended => Completed + Failed + Cancelled + TimedOut;

    /// <summary>The number of runs.</summary>
    public override string ToString() => $"{Count:N0} executions";
}
