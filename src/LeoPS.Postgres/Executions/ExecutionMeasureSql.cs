using LeoPS.Executions;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;
using NpgsqlTypes;

namespace LeoPS.Postgres.Executions;

/// <summary>The statement of Measure-FlowExecution: the runs are read once, and only figures come back.</summary>
internal static class ExecutionMeasureSql
{
    /// <summary>The statement with its values.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="liveColumns">The columns that the table has: budgets are measured where it has them.</param>
    /// <exception cref="LeoException">SchemaMissing where a filter needs a column that the table lacks.</exception>
    public static Statement Measure(MeasureRequest request, IReadOnlyCollection<string> liveColumns)
    {
        Governance.Require(request.Filter.GovernanceColumns, liveColumns);
        var statement = new Statement();
        string where = ExecutionFilterSql.Where(request.Filter, statement);
        string Group(ExecutionGroup group, string expression, string type) => request.GroupBy.Contains(group) ? expression : $"null::{type}";
        string Names<TStatus>()
            where TStatus : struct, Enum => MoveSql.Texts(statement, StatusNames<TStatus>.All.Select(StatusNames<TStatus>.ToColumn));
        string Order(ExecutionGroup group) => group switch
        {
            ExecutionGroup.Flow => "f.flow_key, m.flow_id",
            ExecutionGroup.Status => $"array_position({Names<ExecutionStatus>()}, m.status::text)",
            ExecutionGroup.Mode => $"array_position({Names<ExecutionMode>()}, m.execution_mode::text)",
            _ => $"m.{Column(group)}",
        };
        string width = request.Interval is { } interval ? statement.Add(interval.TotalSeconds, NpgsqlDbType.Double) : "";
        // Whole seconds, which doubles hold exactly; and the first part of all time may begin before it.
        string bucket = request.Interval is null
            ? "null::timestamptz"
            : $"greatest(to_timestamp(floor(extract(epoch from date_trunc('second', r.started_at))::float8 / {width}) * {width}), case when r.started_at is not null then timestamptz '0001-01-01 00:00:00Z' end)";
        string ended = MoveSql.Texts(statement, RunEnd.Statuses.Select(StatusNames<ExecutionStatus>.ToColumn));
        string groupBy = MeasureSql.List("group by", [.. request.GroupBy.Select(Column), .. request.Interval is null ? (string[])[] : ["bucket"]]);
        string orderBy = MeasureSql.List("order by", [.. request.GroupBy.Select(Order), .. request.Interval is null ? (string[])[] : ["m.bucket"]]);
        string Budget(string column, string sum, string type) => liveColumns.Contains(column) ? sum : $"null::{type}";

        // Seconds as double precision hold microseconds over ten thousand years, and no interval of the server's has to be read.
        statement.Text = $"""
            with times as (
                select e.flow_id, e.status, e.execution_mode, e.executed_by, e.duration_ms, e.token_count, nullif(e.cost_usd, 'NaN') as cost_usd,
                       {MeasureSql.Usable("e.started_at")} as started_at,
                       {MeasureSql.Usable("e.completed_at")} as completed_at,
                       {Budget("budget_consumed", "nullif(e.budget_consumed::numeric, 'NaN')", "numeric")} as budget_consumed,
                       {Budget("budget_limit", "nullif(e.budget_limit::numeric, 'NaN')", "numeric")} as budget_limit,
                       {Budget("killed_by_budget", "e.killed_by_budget", "boolean")} as killed_by_budget
                from public.crewai_flow_executions e
                {where}
            ),
            runs as (
                select t.*,
                       coalesce(t.duration_ms / 1000.0, extract(epoch from t.completed_at - t.started_at)::numeric)::float8 as duration,
                       t.status = any({ended}) and t.started_at is not null and t.completed_at is not null as has_both
                from times t
            ),
            measures as (
                select {Group(ExecutionGroup.Flow, "r.flow_id", "uuid")} as flow_id,
                       {Group(ExecutionGroup.Status, "r.status", "text")} as status,
                       {Group(ExecutionGroup.Mode, "r.execution_mode", "text")} as execution_mode,
                       {Group(ExecutionGroup.Day, "date_trunc('day', r.started_at, 'UTC')", "timestamptz")} as day,
                       {Group(ExecutionGroup.Hour, "date_trunc('hour', r.started_at, 'UTC')", "timestamptz")} as hour,
                       {Group(ExecutionGroup.ExecutedBy, "r.executed_by", "uuid")} as executed_by,
                       {bucket} as bucket,
                       count(*) as runs,
                       count(*) filter (where r.status = 'pending') as pending,
                       count(*) filter (where r.status = 'running') as running,
                       count(*) filter (where r.status = 'completed') as completed,
                       count(*) filter (where r.status = 'failed') as failed,
                       count(*) filter (where r.status = 'cancelled') as cancelled,
                       count(*) filter (where r.status = 'timeout') as timed_out,
                       count(r.duration) as duration_count,
                       avg(r.duration) as duration_mean,
                       percentile_cont(array[0.5, 0.95, 0.99]) within group (order by r.duration) as duration_percentiles,
                       max(r.duration) as duration_max,
                       count(*) filter (where r.has_both) as throughput_count,
                       extract(epoch from max(r.completed_at) filter (where r.has_both) - min(r.started_at) filter (where r.has_both))::float8 as throughput_seconds,
                       sum(r.token_count) as tokens,
                       sum(r.cost_usd) as cost,
                       count(r.cost_usd) as cost_count,
                       min(r.started_at) as first_start,
                       sum(r.budget_consumed) as budget_consumed,
                       sum(r.budget_limit) as budget_limit,
                       {Budget("killed_by_budget", "count(*) filter (where r.killed_by_budget)", "bigint")} as killed_by_budget
                from runs r
                {groupBy}
            )
            select m.*, f.flow_key, now() as measured_at
            from measures m
            left join public.crewai_flows f on f.id = m.flow_id
            {orderBy}
            """;
        return statement;
    }

    private static string Column(ExecutionGroup group) => group switch
    {
        ExecutionGroup.Flow => "flow_id",
        ExecutionGroup.Status => "status",
        ExecutionGroup.Mode => "execution_mode",
        ExecutionGroup.Day => "day",
        ExecutionGroup.Hour => "hour",
        ExecutionGroup.ExecutedBy => "executed_by",
        _ => throw new ArgumentOutOfRangeException(nameof(group)),
    };
}
