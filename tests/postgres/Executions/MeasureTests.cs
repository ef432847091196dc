using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.PostgresTests.Handoffs;
using Xunit.Abstractions;
using static LeoPS.PostgresTests.Executions.MeasureModel;

namespace LeoPS.PostgresTests.Executions;

/// <summary>The figures over runs, beside those of <see cref="MeasureModel"/>.</summary>
public sealed class MeasureTests(PostgresServer server, ITestOutputHelper output) : ExecutionDatabaseTest(server)
{
    private static readonly DateTimeOffset Base = new(2026, 1, 4, 22, 0, 0, TimeSpan.Zero);
    private static readonly Guid OtherFlow = Guid.Parse("88888888-2222-3333-4444-555555555555");
    private static readonly Guid[] Users = [Guid.Parse("00000000-0000-0000-0000-00000000000a"), Guid.Parse("00000000-0000-0000-0000-00000000000b")];

    // Few different times, so that ties abound, over the ends of hours, of days and of a year; and whatever else a column may hold.
    private static readonly Gen<MeasuredTime> Times = Gen.Frequency(
        (5, Gen.Choose(0, 14).Select(hours => MeasuredTime.At(Base.AddHours(hours)))),
        (3, Gen.Choose(-20_000, 20_000).Select(minutes => MeasuredTime.At(Base.AddMinutes(minutes).AddMicroseconds(minutes)))),
        (2, Gen.Elements<MeasuredTime>(MeasuredTime.Odd)));

    private static readonly Gen<MeasuredRun> Runs =
        from flow in Gen.Elements(ExecutionDatabase.FlowId, OtherFlow)
        from status in Perhaps(Gen.Elements(Enum.GetValues<ExecutionStatus>()), 8)
        from mode in Perhaps(Gen.Elements(Enum.GetValues<ExecutionMode>()), 4)
        from user in Perhaps(Gen.Elements(Users), 2)
        from started in Times
        from completed in Gen.Frequency((2, Times), (1, Gen.Constant(MeasuredTime.None)))
        from duration in Perhaps(Gen.Frequency((3, Gen.Choose(0, 3_000_000)), (1, Gen.Elements(int.MaxValue, int.MinValue, -5, 0))), 1)
        from tokens in Perhaps(Gen.Frequency((3, Gen.Choose(0, 50_000)), (1, Gen.Elements(int.MaxValue, 0))), 2)
        from cost in Perhaps(Gen.Choose(0, 2_000_000).Select(c => c / 10_000m), 2)
        from nan in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new MeasuredRun(flow, status, mode, user, started, completed, duration, tokens, cost, nan);

    private static readonly Gen<ExecutionFilter> Filters =
        from flows in PerhapsList(Gen.SubListOf([ExecutionDatabase.FlowId, OtherFlow, Guid.NewGuid()]))
        from statuses in PerhapsList(Gen.SubListOf(Enum.GetValues<ExecutionStatus>()))
        from modes in PerhapsList(Gen.SubListOf(Enum.GetValues<ExecutionMode>()))
        from users in PerhapsList(Gen.SubListOf(Users))
        from after in Perhaps(Gen.Choose(-40, 14).Select(h => Base.AddHours(h)), 1)
        from before in Perhaps(Gen.Choose(-4, 40).Select(h => Base.AddHours(h)), 1)
        select new ExecutionFilter { FlowIds = flows, Statuses = statuses, Modes = modes, ExecutedBy = users, After = after, Before = before };

    [PostgresFact]
    public async Task All_figures_are_those_of_the_definitions()
    {
        await Database.RunAsync($$"""
            insert into crewai_flows (id, flow_key, flow_name, flow_definition, status) values ('{{OtherFlow}}', 'other-flow', 'Other', '{}', 'active');
            alter table crewai_flow_executions drop constraint crewai_flow_executions_execution_mode_check
            """);
        Gen<(MeasuredRun[] Rows, MeasureRequest Request)> cases =
            from rows in Runs.ArrayOf()
            from filter in Gen.Frequency((1, Gen.Constant(new ExecutionFilter())), (2, Filters))
            from groups in Gen.SubListOf(Enum.GetValues<ExecutionGroup>())
            from groupBy in Gen.Shuffle(groups.ToArray())
            from interval in Perhaps(Gen.Elements(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15), TimeSpan.FromHours(7), TimeSpan.FromDays(7)), 1)
            from budget in Perhaps(Gen.Choose(1, 1000).Select(b => b / 10m), 1)
            select (rows, new MeasureRequest(filter, groupBy, interval, budget));
        Prop.ForAll(cases.ToArbitrary(), c => CheckAsync(c.Rows, c.Request).GetAwaiter().GetResult())
            .Check(RandomCases.Check(300, endSize: 40));
    }

    /// <summary>The order of a sum of doubles decides what is lost; the server's order is not the model's.</summary>
    [PostgresFact]
    public async Task A_mean_of_durations_that_cancel_each_other_out_is_right_within_what_doubles_hold()
    {
        MeasuredTime first = MeasuredTime.At(DateTimeOffset.MinValue);
        MeasuredTime last = MeasuredTime.Odd.MaxBy(time => time.Value ?? DateTimeOffset.MinValue)!;
        MeasuredRun Run(MeasuredTime started, MeasuredTime completed, int? milliseconds) =>
            new(ExecutionDatabase.FlowId, ExecutionStatus.Completed, null, null, started, completed, milliseconds, null, null, false);
        await CheckAsync(
            [Run(first, last, null), Run(first, first, 3), Run(last, first, null), Run(first, last, null), Run(last, first, null)],
            new MeasureRequest(new ExecutionFilter(), [], null, null).Check());
    }

    [PostgresFact]
    public async Task Without_rows_there_is_one_measure_of_nothing_and_no_group()
    {
        ExecutionMeasure measure = Assert.Single(await MeasureAsync(budget: 10));
        Assert.Equal((0, 0, 0, 0, 0, 0), (measure.Count, measure.Pending, measure.Running, measure.Completed, measure.DurationCount, measure.CostCount));
        AssertEach.Of(
            new object?[]
            {
                measure.SuccessRate, measure.DurationMean, measure.DurationP50, measure.DurationP99, measure.DurationMax, measure.ThroughputPerHour, measure.TokenCount, measure.CostUsd, measure.CostPerHour,
                measure.ForecastUsd, measure.BudgetEmptyAt, measure.PeriodStart, measure.PeriodEnd, measure.BudgetConsumed, measure.BudgetLimit, measure.KilledByBudget,
            },
            Assert.Null);
        Assert.Equal((10m, 10m, 0d), (measure.BudgetUsd, measure.BudgetLeftUsd, measure.BudgetUsed));
        Assert.Empty(await MeasureAsync(groupBy: [ExecutionGroup.Status]));
        Assert.Empty(await MeasureAsync(interval: TimeSpan.FromHours(1)));
    }

    [PostgresFact]
    public async Task Cost_goes_on_as_it_did_to_the_end_of_the_period()
    {
        await Database.InsertAsync(4, "completed", ("cost_usd", "2.5"), ("started_at", "now() - interval '5 hours'"), ("completed_at", "now()"));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        // Ten hours of twenty have passed since the beginning of the period: a dollar an hour.
        var filter = new ExecutionFilter { After = now.AddHours(-10), Before = now.AddHours(10) };
        ExecutionMeasure measure = Assert.Single(await MeasureAsync(filter, budget: 16));
        Assert.Equal((10m, 6m, 0.625), (measure.CostUsd, measure.BudgetLeftUsd, measure.BudgetUsed));
        Assert.Equal((1d, 20d), (Math.Round(measure.CostPerHour!.Value, 2), Math.Round(measure.ForecastUsd!.Value, 1)));
        Assert.InRange(measure.BudgetEmptyAt!.Value, now.AddHours(5.9), now.AddHours(6.1));
        // It lasts, or it is used up already.
        AssertEach.Of(new[] { 40m, 10m, 3m }, budget => Assert.Null(MeasureAsync(filter, budget: budget).Result[0].BudgetEmptyAt));
        Assert.Equal(-7m, Assert.Single(await MeasureAsync(filter, budget: 3)).BudgetLeftUsd);
        // Without a beginning it is the first start, and without an end there is none to forecast.
        ExecutionMeasure open = Assert.Single(await MeasureAsync(budget: 12));
        Assert.Equal((2d, null), (Math.Round(open.CostPerHour!.Value, 2), open.ForecastUsd));
        Assert.InRange(open.BudgetEmptyAt!.Value, now.AddHours(0.9), now.AddHours(1.1));
        // A period that is over cost what it cost.
        ExecutionMeasure over = Assert.Single(await MeasureAsync(new ExecutionFilter { After = now.AddHours(-10), Before = now.AddHours(-1) }, budget: 12));
        Assert.Equal((10d, null), (over.ForecastUsd, over.BudgetEmptyAt));
        Assert.Equal(1.11, over.CostPerHour!.Value, 2);
    }

    [PostgresFact]
    public async Task Each_day_has_its_own_budget_and_the_day_that_goes_on_its_own_forecast()
    {
        await Database.InsertAsync(2, "completed", ("cost_usd", "3"), ("started_at", "date_trunc('day', now(), 'UTC') - interval '1 day' * (n - 1)"));
        IReadOnlyList<ExecutionMeasure> days = await MeasureAsync(groupBy: [ExecutionGroup.Day], budget: 4);
        Assert.Equal(2, days.Count);
        AssertEach.Of(days, d => Assert.Equal((0.75, d.Day, d.Day!.Value.AddDays(1)), (d.BudgetUsed, d.PeriodStart, d.PeriodEnd)));
        Assert.Equal(3, days[0].ForecastUsd);
        double passed = (days[1].MeasuredAt - days[1].Day!.Value).TotalHours;
        Assert.Equal(3 * 24 / passed, days[1].ForecastUsd!.Value, 3);
    }

    [PostgresFact]
    public async Task The_budget_columns_are_measured_where_the_table_has_them()
    {
        await Database.RunAsync("alter table crewai_flow_executions add budget_consumed numeric, add budget_limit integer, add killed_by_budget boolean");
        await Database.InsertAsync(3, "cancelled", ("budget_consumed", "n * 1.5"), ("budget_limit", "nullif(n, 2) * 10"), ("killed_by_budget", "case n when 1 then true when 2 then false end"));
        ExecutionMeasure measure = Assert.Single(await MeasureAsync(groupBy: [ExecutionGroup.Status]));
        Assert.Equal((9m, 40m, 1), (measure.BudgetConsumed, measure.BudgetLimit, measure.KilledByBudget));
        Assert.Null(Assert.Single(await MeasureAsync()).BudgetUsd);
    }

    [PostgresFact]
    public async Task Groups_come_in_the_order_asked_for_with_the_names_that_can_be_seen()
    {
        Guid hidden = await Database.AddFlowAsync("archived-flow", "archived");
        Guid user = Users[0];
        foreach ((Guid flow, string status) in new[] { (ExecutionDatabase.FlowId, "timeout"), (hidden, "failed"), (ExecutionDatabase.FlowId, "pending"), (ExecutionDatabase.FlowId, "failed") })
        {
            await Database.InsertAsync(1, status, ("flow_id", $"'{flow}'"), ("executed_by", $"'{user}'"));
        }

        IReadOnlyList<ExecutionMeasure> measures = await MeasureAsync(groupBy: [ExecutionGroup.Status, ExecutionGroup.Flow]);
        Assert.Equal(
            [(ExecutionStatus.Pending, ExecutionDatabase.FlowKey), (ExecutionStatus.Failed, "archived-flow"), (ExecutionStatus.Failed, ExecutionDatabase.FlowKey), (ExecutionStatus.Timeout, ExecutionDatabase.FlowKey)],
            measures.Select(m => (m.Status!.Value, m.Flow!)));
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", user);
        IReadOnlyList<ExecutionMeasure> seen = await MeasureAsync(groupBy: [ExecutionGroup.Flow], store: member.Executions);
        Assert.Equal([ExecutionDatabase.FlowKey, hidden.ToString()], seen.Select(m => m.Flow));
        await using ILeoDatabase anonymous = await Database.OpenAsMemberAsync("anon");
        Assert.Equal(0, Assert.Single(await MeasureAsync(store: anonymous.Executions)).Count);
    }

    [PostgresFact]
    public async Task Hours_and_days_are_of_UTC_whatever_the_session_says_and_a_status_that_is_none_is_named()
    {
        await Database.RunAsync($"alter database {Database.Name} set timezone = 'Asia/Kathmandu'");
        await using ILeoDatabase elsewhere = await Database.OpenAsync(s => s);
        await Database.InsertAsync(1, "failed", ("started_at", "'2026-01-04 23:59:59.999999Z'"));
        ExecutionMeasure measure = Assert.Single(await MeasureAsync(groupBy: [ExecutionGroup.Hour, ExecutionGroup.Day], interval: TimeSpan.FromMinutes(7), store: elsewhere.Executions));
        DateTimeOffset day = new(2026, 1, 4, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal((day, day.AddHours(23)), (measure.Day, measure.Hour));
        Assert.InRange(measure.Interval!.Value, day.AddHours(23.8), day.AddDays(1));
        await Database.RunAsync("alter table crewai_flow_executions drop constraint crewai_flow_executions_status_check; update crewai_flow_executions set status = 'parked'");
        Assert.Equal(1, Assert.Single(await MeasureAsync()).Count);
        Assert.Equal(LeoErrorId.UnreadableRow, (await Assert.ThrowsAsync<LeoException>(() => MeasureAsync(groupBy: [ExecutionGroup.Status]))).ErrorId);
    }

    [PostgresFact(slow: true)]
    public async Task A_million_runs_are_measured()
    {
        const int million = 1_000_000;
        for (int from = 0; from < million; from += 100_000)
        {
            await Database.RunAsync($$"""
                set session_replication_role = replica;
                insert into crewai_flow_executions (flow_id, execution_key, status, input_state, started_at, completed_at, duration_ms, token_count, cost_usd)
                select '{{ExecutionDatabase.FlowId}}', 'K-' || n, case n % 10 when 0 then 'failed' else 'completed' end, '{"agenda": ["runway", "hiring"]}',
                       timestamptz '2026-01-01Z' + n * interval '1 second', timestamptz '2026-01-01Z' + n * interval '1 second' + n % 1000 * interval '1 millisecond', n % 1000, 100, 0.0001
                from generate_series({{from}}, {{from + 99_999}}) n
                """);
        }

        await Database.RunAsync("analyze crewai_flow_executions");
        ExecutionMeasure all = Assert.Single(await TimedAsync([]));
        Assert.Equal((million, 0.9, 100_000_000, 100m), (all.Count, all.SuccessRate, all.TokenCount, all.CostUsd));
        Assert.Equal((TimeSpan.FromMilliseconds(499.5), TimeSpan.FromMilliseconds(999)), (all.DurationP50, all.DurationMax));
        Assert.Equal(3600, all.ThroughputPerHour!.Value, 0);
        Assert.Equal(2, (await TimedAsync([ExecutionGroup.Status])).Count);
        Assert.Equal(278, (await TimedAsync([ExecutionGroup.Hour])).Count);
    }

    private static Gen<T?> Perhaps<T>(Gen<T> values, int weight)
        where T : struct => Gen.Frequency((1, Gen.Constant<T?>(null)), (weight, values.Select(v => (T?)v)));

    private static Gen<List<T>?> PerhapsList<T>(Gen<List<T>> values) => Gen.Frequency((2, Gen.Constant<List<T>?>(null)), (1, values.Select(v => (List<T>?)v)));

    private Task<IReadOnlyList<ExecutionMeasure>> MeasureAsync(
        ExecutionFilter? filter = null, ExecutionGroup[]? groupBy = null, TimeSpan? interval = null, decimal? budget = null, IExecutionStore? store = null) =>
        (store ?? Store).MeasureAsync(new MeasureRequest(filter ?? new(), groupBy ?? [], interval, budget).Check(), ExecutionDatabase.Context, CancellationToken.None);

    private async Task<IReadOnlyList<ExecutionMeasure>> TimedAsync(ExecutionGroup[] groupBy)
    {
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<ExecutionMeasure> measures = await MeasureAsync(groupBy: groupBy);
        output.WriteLine($"by [{string.Join(", ", groupBy)}]: {measures.Count} measures in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        return measures;
    }

    private async Task CheckAsync(MeasuredRun[] rows, MeasureRequest request)
    {
        await Database.RunAsync("truncate crewai_flow_executions");
        if (rows.Length > 0)
        {
            await Database.RunAsync($"set session_replication_role = replica; insert into crewai_flow_executions {MeasuredRun.Columns} values {string.Join(",\n", rows.Select(r => r.Values))}");
        }

        IReadOnlyList<ExecutionMeasure> measures = await Store.MeasureAsync(request, ExecutionDatabase.Context, CancellationToken.None);
        Dictionary<Group, Figures> expected = new MeasureModel(rows).Measure(request);
        var actual = measures.ToDictionary(m => new Group(m.FlowId, m.Status, m.Mode, m.Day, m.Hour, m.ExecutedBy, m.Interval));
        Assert.Equal(expected.Keys.ToHashSet(), actual.Keys.ToHashSet());
        foreach ((Group group, Figures figures) in expected)
        {
            Check(figures, actual[group], request);
        }
    }

    private static void Check(Figures figures, ExecutionMeasure measure, MeasureRequest request)
    {
        Assert.Equal(
            (figures.Count, figures.Counts[ExecutionStatus.Pending], figures.Counts[ExecutionStatus.Running], figures.Counts[ExecutionStatus.Completed], figures.Counts[ExecutionStatus.Failed],
                figures.Counts[ExecutionStatus.Cancelled], figures.Counts[ExecutionStatus.Timeout]),
            (measure.Count, measure.Pending, measure.Running, measure.Completed, measure.Failed, measure.Cancelled, measure.TimedOut));
        Near(figures.SuccessRate, measure.SuccessRate);
        Assert.Equal(figures.Durations.Count, measure.DurationCount);
        // Thousands of years before and after cancel each other out, and leave the loss of the largest.
        double largest = figures.Durations.Count == 0 ? 0 : figures.Durations.Max(Math.Abs);
        Near(figures.Durations.Count == 0 ? null : figures.Durations.Average(), measure.DurationMean?.TotalSeconds, largest);
        Near(Percentile(figures.Durations, 0.5), measure.DurationP50?.TotalSeconds, largest);
        Near(Percentile(figures.Durations, 0.95), measure.DurationP95?.TotalSeconds, largest);
        Near(Percentile(figures.Durations, 0.99), measure.DurationP99?.TotalSeconds, largest);
        Near(Percentile(figures.Durations, 1), measure.DurationMax?.TotalSeconds, largest);
        Near(figures.PerHour, measure.ThroughputPerHour);
        Assert.Equal((figures.Tokens, figures.Cost, figures.CostCount), (measure.TokenCount, measure.CostUsd, measure.CostCount));
        Assert.Equal(request.BudgetUsd, measure.BudgetUsd);
        Near(request.BudgetUsd is { } budget ? (double)((figures.Cost ?? 0) / budget) : null, measure.BudgetUsed);
        Assert.Equal(request.BudgetUsd - (figures.Cost ?? 0), measure.BudgetLeftUsd);
        if (measure is { Day: null, Hour: null, Interval: null } && request.Filter.After is null)
        {
            Assert.Equal(figures.First, measure.PeriodStart);
        }
    }

    /// <summary>The same but for what doubles lose in sums of values as large as <paramref name="largest"/>, by default the expected one.</summary>
    private static void Near(double? expected, double? actual, double? largest = null)
    {
        Assert.Equal(expected is null, actual is null);
        Assert.InRange(Math.Abs((expected ?? 0) - (actual ?? 0)), 0, Math.Max(2e-6, (largest ?? Math.Abs(expected ?? 0)) * 1e-11));
    }
}
