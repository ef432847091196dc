using LeoPS.Executions;
using LeoPS.Postgres.Tables;
using Npgsql;

namespace LeoPS.Postgres.Executions;

/// <summary>Makes measures of the rows of <see cref="ExecutionMeasureSql"/>.</summary>
internal sealed class ExecutionMeasureReader(NpgsqlDataReader reader, MeasureRequest request)
    : MeasureReader<ExecutionMeasure>(reader, ExecutionColumns.Definition.Noun)
{
    protected override ExecutionMeasure Make()
    {
        TimeSpan?[] percentiles = Spans("duration_percentiles", 3);
        (DateTimeOffset? day, DateTimeOffset? hour, DateTimeOffset? interval) = (Time("day"), Time("hour"), Time("bucket"));
        (DateTimeOffset? start, DateTimeOffset? end) = request.Period(day, hour, interval);
        Guid? flow = Id("flow_id");
        return new ExecutionMeasure
        {
            GroupBy = request.GroupBy,
            HasInterval = request.Interval is not null,
            Flow = Text("flow_key") ?? flow?.ToString(),
            FlowId = flow,
            Status = Name<ExecutionStatus>("status", "status", "-Status"),
            Mode = Name<ExecutionMode>("execution_mode", "execution_mode", "-ExecutionMode"),
            Day = day,
            Hour = hour,
            ExecutedBy = Id("executed_by"),
            Interval = interval,
            Count = Count("runs"),
            Pending = Count("pending"),
            Running = Count("running"),
            Completed = Count("completed"),
            Failed = Count("failed"),
            Cancelled = Count("cancelled"),
            TimedOut = Count("timed_out"),
            DurationCount = Count("duration_count"),
            DurationMean = Span("duration_mean"),
            DurationP50 = percentiles[0],
            DurationP95 = percentiles[1],
            DurationP99 = percentiles[2],
            DurationMax = Span("duration_max"),
            ThroughputPerHour = Number("throughput_seconds") is { } seconds && seconds > 0 ? Count("throughput_count") / (seconds / 3600) : null,
            TokenCount = CountOrNull("tokens"),
            CostUsd = Money("cost"),
            CostCount = Count("cost_count"),
            BudgetUsd = request.BudgetUsd,
            PeriodStart = start ?? Time("first_start"),
            PeriodEnd = end,
            BudgetConsumed = Money("budget_consumed"),
            BudgetLimit = Money("budget_limit"),
            KilledByBudget = CountOrNull("killed_by_budget"),
            MeasuredAt = Time("measured_at")!.Value,
        };
    }
}
