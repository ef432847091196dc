using LeoPS.Executions;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;
using Npgsql;

namespace LeoPS.Postgres.Executions;

/// <summary>Makes measures of the rows of <see cref="ExecutionMeasureSql"/>.</summary>
internal static class ExecutionMeasureReader
{
    public static async Task<IReadOnlyList<ExecutionMeasure>> ReadAsync(NpgsqlDataReader reader, MeasureRequest request, CancellationToken cancellationToken)
    {
        var measures = new List<ExecutionMeasure>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            measures.Add(Read(reader, request));
        }

        return measures;
    }

    private static ExecutionMeasure Read(NpgsqlDataReader reader, MeasureRequest request)
    {
        int At(string column) => reader.GetOrdinal(column);
        bool Has(string column) => !reader.IsDBNull(At(column));
        string? Text(string column) => Has(column) ? reader.GetString(At(column)) : null;
        Guid? Id(string column) => Has(column) ? reader.GetGuid(At(column)) : null;
        long? Whole(string column) => Has(column) ? reader.GetInt64(At(column)) : null;
        long Number(string column) => reader.GetInt64(At(column));
        double? Seconds(string column) => Has(column) ? reader.GetDouble(At(column)) : null;
        DateTimeOffset? Time(string column) => RowReader<FlowExecution>.Time(reader, At(column));
        decimal? Money(string column) => Has(column) ? Sum(reader, At(column), column) : null;

        double?[] percentiles = Has("duration_percentiles") ? reader.GetFieldValue<double?[]>(At("duration_percentiles")) : [null, null, null];
        (DateTimeOffset? day, DateTimeOffset? hour, DateTimeOffset? interval) = (Time("day"), Time("hour"), Time("bucket"));
        (DateTimeOffset? start, DateTimeOffset? end) = request.Period(day, hour, interval);
        Guid? flow = Id("flow_id");
        return new ExecutionMeasure
        {
            GroupBy = request.GroupBy,
            HasInterval = request.Interval is not null,
            Flow = Text("flow_key") ?? flow?.ToString(),
            FlowId = flow,
            Status = Name<ExecutionStatus>(Text("status"), "status", "-Status"),
            Mode = Name<ExecutionMode>(Text("execution_mode"), "execution_mode", "-ExecutionMode"),
            Day = day,
            Hour = hour,
            ExecutedBy = Id("executed_by"),
            Interval = interval,
            Count = Number("runs"),
            Pending = Number("pending"),
            Running = Number("running"),
            Completed = Number("completed"),
            Failed = Number("failed"),
            Cancelled = Number("cancelled"),
            TimedOut = Number("timed_out"),
            DurationCount = Number("duration_count"),
            DurationMean = Span(Seconds("duration_mean")),
            DurationP50 = Span(percentiles[0]),
            DurationP95 = Span(percentiles[1]),
            DurationP99 = Span(percentiles[2]),
            DurationMax = Span(Seconds("duration_max")),
            ThroughputPerHour = Seconds("throughput_seconds") is { } seconds && seconds > 0 ? Number("throughput_count") / (seconds / 3600) : null,
            TokenCount = Whole("tokens"),
            CostUsd = Money("cost"),
            CostCount = Number("cost_count"),
            BudgetUsd = request.BudgetUsd,
            PeriodStart = start ?? Time("first_start"),
            PeriodEnd = end,
            BudgetConsumed = Money("budget_consumed"),
            BudgetLimit = Money("budget_limit"),
            KilledByBudget = Whole("killed_by_budget"),
            MeasuredAt = Time("measured_at")!.Value,
        };
    }

    /// <exception cref="LeoException">UnreadableRow.</exception>
    private static decimal Sum(NpgsqlDataReader reader, int ordinal, string column)
    {
        try
        {
            return reader.GetDecimal(ordinal);
        }
        catch (Exception e) when (e is InvalidCastException or OverflowException)
        {
            throw new LeoException(LeoErrorId.UnreadableRow, $"The sum of {column} is larger than a decimal holds. Measure fewer runs, or correct the values with SQL.");
        }
    }

    /// <exception cref="LeoException">UnreadableRow.</exception>
    private static TStatus? Name<TStatus>(string? text, string column, string parameter)
        where TStatus : struct, Enum =>
        text is null ? null
        : StatusNames<TStatus>.TryFromColumn(text, out TStatus known) ? known
        : throw new LeoException(
            LeoErrorId.UnreadableRow,
            $"There are executions whose {column} is not one of {StatusNames<TStatus>.List}, and they cannot be grouped by it. Leave them out with {parameter}, or correct the value with SQL.");

    /// <summary>To the microsecond, as the server's times are.</summary>
    private static TimeSpan? Span(double? seconds) =>
        seconds is { } value ? TimeSpan.FromTicks((long)Math.Round(value * 1_000_000) * TimeSpan.TicksPerMicrosecond) : null;
}
