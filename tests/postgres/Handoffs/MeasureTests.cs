using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using LeoPS.Handoffs;
using LeoPS.Postgres.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;
using Xunit.Abstractions;
using static LeoPS.PostgresTests.Handoffs.MeasureModel;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>The figures over handoffs, beside those of <see cref="MeasureModel"/>.</summary>
public sealed class MeasureTests(PostgresServer server, ITestOutputHelper output) : HandoffDatabaseTest(server)
{
    private static readonly DateTimeOffset Base = new(2026, 1, 4, 22, 0, 0, TimeSpan.Zero);
    private static readonly Guid[] Sessions = [HandoffDatabase.SessionId, Guid.Parse("22222222-2222-4333-8444-555555555555")];

    // The second has a directive; others are unknown there, as they are where row level security hides them.
    private static readonly string[] Sds = ["SD-A", HandoffDatabase.SdId, "SD-C"];

    // Few different times, so that ties abound, over the ends of days, of a week and of a year; and whatever else a column may hold.
    private static readonly Gen<MeasuredTime> Times = Gen.Frequency(
        (6, Gen.Choose(0, 14).Select(hours => MeasuredTime.At(Base.AddHours(hours)))),
        (3, Gen.Choose(-20_000, 20_000).Select(minutes => MeasuredTime.At(Base.AddMinutes(minutes).AddMicroseconds(minutes)))),
        (2, Gen.Elements<MeasuredTime>(MeasuredTime.Odd)));

    private static readonly Gen<MeasuredRow> Rows =
        from id in ArbMap.Default.GeneratorFor<Guid>()
        from session in Gen.Elements(Sessions)
        from sd in Gen.Elements(Sds)
        from status in Gen.Frequency(
            (1, Gen.Elements(Enum.GetValues<HandoffStatus>())), (1, Gen.Elements(HandoffStatus.Accepted, HandoffStatus.Rejected)))
        from prepared in Times
        from sent in Times
        from answered in Times
        select new MeasuredRow(id, session, sd, status, prepared, sent, answered);

    private static readonly Gen<HandoffFilter> Filters =
        from sds in Perhaps(Gen.SubListOf<string>([.. Sds, "SD-NONE"]))
        from sessions in Perhaps(Gen.SubListOf(Sessions))
        from statuses in Perhaps(Gen.SubListOf(Enum.GetValues<HandoffStatus>()))
        from after in PerhapsTime(-40, 14)
        from before in PerhapsTime(-4, 40)
        select new HandoffFilter
        {
            SdIds = sds,
            SessionIds = sessions,
            Statuses = statuses,
            After = after,
            Before = before,
        };

    [PostgresFact]
    public void All_figures_are_those_of_the_definitions() => CheckAll(withHistory: false);

    [PostgresFact]
    public async Task On_the_basis_of_the_history_all_figures_are_those_of_the_definitions()
    {
        Assert.Empty((await Database.Database.Schema.InstallWithHistoryAsync(HandoffDatabase.Context, CancellationToken.None)).Warnings);
        CheckAll(withHistory: true);
    }

    [PostgresFact]
    public async Task The_history_knows_the_rejections_that_the_row_has_forgotten()
    {
        MeasuredRow row = Row(HandoffStatus.Accepted, 0, 40, 50);
        MeasuredRow next = Row(HandoffStatus.Preparing, 60, 61, null);
        await InsertAsync(row, next);
        Assert.Equal(1, Assert.Single(await MeasureAsync()).AttemptsToAcceptance);
        Assert.Empty((await Database.Database.Schema.InstallWithHistoryAsync(HandoffDatabase.Context, CancellationToken.None)).Warnings);
        MeasuredMove[] moves =
        [
            new(null, HandoffStatus.Preparing, Base), new(HandoffStatus.Sent, HandoffStatus.Rejected, Base.AddHours(10)),
            new(HandoffStatus.Rejected, HandoffStatus.Preparing, Base.AddHours(13)), new(HandoffStatus.Sent, HandoffStatus.Rejected, Base.AddHours(20)),
            new(HandoffStatus.Rejected, HandoffStatus.Preparing, Base.AddHours(21)), new(HandoffStatus.Sent, HandoffStatus.Accepted, Base.AddHours(50)),
        ];
        await RecordAsync([(row, moves)]);
        HandoffMeasure all = Assert.Single(await MeasureAsync());
        Assert.Equal((MeasureBasis.History, 2, 1, 2, 3, 4, 0), (all.Basis, all.Count, all.Accepted, all.Rejections, all.AttemptsToAcceptance, all.HoursBlocked, all.StillBlocked));
    }

    [PostgresFact]
    public async Task Table_and_history_are_passed_over_once_and_a_life_is_put_in_order_once()
    {
        Assert.Empty((await Database.Database.Schema.InstallWithHistoryAsync(HandoffDatabase.Context, CancellationToken.None)).Warnings);
        await Database.RunAsync($"""
            insert into exec_handoff_preparations (session_id, sd_id, handoff_status, implementation_summary)
            select '{HandoffDatabase.SessionId}', '{HandoffDatabase.SdId}', 'sent', 'Summary' from generate_series(1, 20000);
            update exec_handoff_preparations set handoff_status = 'rejected', response_at = now();
            update exec_handoff_preparations set handoff_status = 'preparing', response_at = null;
            analyze;
            """);
        foreach (HandoffGroup[] groupBy in new HandoffGroup[][] { [], Enum.GetValues<HandoffGroup>() })
        {
            await using NpgsqlConnection connection = await Database.ConnectAsync();
            List<PlanNode> plan = await PlanNode.OfAsync(connection, HandoffMeasureSql.Measure(new(), groupBy, MeasureBasis.History));
            AssertEach.Of(new[] { "exec_handoff_preparations", "handoff_history" }, table => Assert.Single(plan, n => n.Relation == table));
            // Nothing is looked up once more per handoff.
            Assert.DoesNotContain(plan, n => n.Index is not null && n.Relation != "strategic_directives_v2");
        }

        HandoffMeasure all = Assert.Single(await MeasureAsync());
        Assert.Equal((20_000, 20_000, 0), (all.Count, all.Rejections, all.StillBlocked));
    }

    [PostgresFact]
    public async Task Who_may_not_read_the_history_is_measured_by_the_rows()
    {
        Assert.Empty((await Database.Database.Schema.InstallWithHistoryAsync(HandoffDatabase.Context, CancellationToken.None)).Warnings);
        await using ILeoDatabase reader = await Database.OpenAsMemberAsync("authenticated");
        Assert.Equal(MeasureBasis.History, Assert.Single(await MeasureAsync(store: reader.Handoffs)).Basis);
        await Database.RunAsync("revoke usage on schema leops from public");
        Assert.Equal(MeasureBasis.Rows, Assert.Single(await MeasureAsync(store: reader.Handoffs)).Basis);
    }

    [PostgresFact]
    public async Task Without_rows_there_is_one_measure_of_nothing_and_no_group()
    {
        HandoffMeasure measure = Assert.Single(await MeasureAsync());
        Assert.Equal((0, 0, 0, 0, 0, 0, 0d), (measure.Count, measure.Accepted, measure.Rejections, measure.PreparedToSentCount, measure.SentToAnsweredCount, measure.StillBlocked, measure.HoursBlocked));
        AssertEach.Of(
            new object?[] { measure.AcceptanceRate, measure.PreparedToSentMean, measure.PreparedToSentP50, measure.SentToAnsweredP95, measure.AttemptsToAcceptance },
            Assert.Null);
        Assert.Equal(MeasureBasis.Rows, measure.Basis);
        Assert.Empty(await MeasureAsync(groupBy: [HandoffGroup.Status]));
    }

    [PostgresFact]
    public async Task A_filter_leaves_out_handoffs_and_not_what_their_SD_went_through()
    {
        // Rejected on the first, blocked for a day, rejected again, and accepted at the third attempt.
        await InsertAsync(
            Row(HandoffStatus.Rejected, 0, 1, 2), Row(HandoffStatus.Rejected, 26, 27, 28), Row(HandoffStatus.Accepted, 48, 49, 50));
        HandoffMeasure accepted = Assert.Single(await MeasureAsync(new HandoffFilter { Statuses = [HandoffStatus.Accepted] }));
        Assert.Equal((1, 3, 0), (accepted.Count, accepted.AttemptsToAcceptance, accepted.HoursBlocked));
        HandoffMeasure first = Assert.Single(await MeasureAsync(new HandoffFilter { Before = Base.AddHours(1) }));
        Assert.Equal((1, null, 24), (first.Count, first.AttemptsToAcceptance, first.HoursBlocked));
        HandoffMeasure all = Assert.Single(await MeasureAsync());
        Assert.Equal((3, 3, 44, 1 / 3d), (all.Count, all.AttemptsToAcceptance, all.HoursBlocked, all.AcceptanceRate));
    }

    [PostgresFact]
    public async Task No_hour_of_an_SD_is_blocked_twice_and_an_open_block_is_told_apart()
    {
        await InsertAsync(
            Row(HandoffStatus.Rejected, 0, 1, 10), Row(HandoffStatus.Rejected, 2, 3, 20), Row(HandoffStatus.Sent, 30, 31, null), Row(HandoffStatus.Rejected, 32, 33, 40));
        HandoffMeasure measure = Assert.Single(await MeasureAsync());
        Assert.Equal((3, 20, 1), (measure.Rejections, measure.HoursBlocked, measure.StillBlocked));
    }

    [PostgresFact]
    public async Task A_rejection_at_the_very_time_of_its_preparation_is_not_ended_by_it()
    {
        await InsertAsync(Row(HandoffStatus.Rejected, 5, 5, 5));
        HandoffMeasure measure = Assert.Single(await MeasureAsync());
        Assert.Equal((0, 1), (measure.HoursBlocked, measure.StillBlocked));
    }

    [PostgresFact]
    public async Task Groups_come_in_the_order_asked_for_and_statuses_in_the_order_of_their_path()
    {
        await InsertAsync([.. Enum.GetValues<HandoffStatus>().Reverse().SelectMany(s => new[] { Row(s, 30, 31, 32), Row(s, 1, 2, 3) })]);
        await Database.InsertAsync(1, "sent", ("prepared_at", "null"));
        IReadOnlyList<HandoffMeasure> measures = await MeasureAsync(groupBy: [HandoffGroup.Day, HandoffGroup.Status]);
        DateTimeOffset first = new(2026, 1, 4, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(
            Enum.GetValues<HandoffStatus>().Select(s => ((DateTimeOffset?)first, (HandoffStatus?)s))
                .Concat(Enum.GetValues<HandoffStatus>().Select(s => ((DateTimeOffset?)first.AddDays(2), (HandoffStatus?)s)))
                .Append((null, HandoffStatus.Sent)),
            measures.Select(m => (m.Day, m.Status)));
        Assert.Equal(
            Enum.GetValues<HandoffStatus>().Cast<HandoffStatus?>(),
            (await MeasureAsync(groupBy: [HandoffGroup.Status])).Select(m => m.Status));
    }

    [PostgresFact]
    public async Task Weeks_begin_on_Monday_in_UTC_whatever_the_session_says()
    {
        await Database.RunAsync($"alter database {Database.Name} set timezone = 'Pacific/Auckland'");
        await using ILeoDatabase elsewhere = await Database.OpenAsync(s => s);
        await Database.InsertAsync(1, "sent", ("prepared_at", "'2026-01-04 23:59:59.999999Z'"));
        await Database.InsertAsync(1, "sent", ("prepared_at", "'2026-01-05 00:00:00Z'"));
        IReadOnlyList<HandoffMeasure> measures = await elsewhere.Handoffs.MeasureAsync(new(), [HandoffGroup.Week, HandoffGroup.Day], HandoffDatabase.Context, CancellationToken.None);
        DateTimeOffset sunday = new(2026, 1, 4, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal([(sunday.AddDays(-6), sunday), (sunday.AddDays(1), sunday.AddDays(1))], measures.Select(m => (m.Week!.Value, m.Day!.Value)));
    }

    [PostgresFact]
    public async Task Who_sees_no_rows_measures_none_and_a_hidden_directive_has_no_key()
    {
        await InsertAsync(Row(HandoffStatus.Sent, 0, 1, null));
        await using ILeoDatabase anonymous = await Database.OpenAsMemberAsync("anon");
        Assert.Equal(0, Assert.Single(await MeasureAsync(store: anonymous.Handoffs)).Count);
        await Database.RunAsync("drop policy strategic_directives_v2_select on strategic_directives_v2");
        await using ILeoDatabase reader = await Database.OpenAsMemberAsync("authenticated");
        HandoffMeasure hidden = Assert.Single(await MeasureAsync(groupBy: [HandoffGroup.SdId], store: reader.Handoffs));
        Assert.Equal((HandoffDatabase.SdId, null), (hidden.SdId, hidden.SdKey));
        Assert.Equal(HandoffDatabase.SdKey, Assert.Single(await MeasureAsync(groupBy: [HandoffGroup.SdId])).SdKey);
    }

    [PostgresFact]
    public async Task A_status_that_is_none_is_named_where_it_would_be_a_group()
    {
        await Database.RunAsync("alter table exec_handoff_preparations drop constraint exec_handoff_preparations_handoff_status_check");
        await Database.InsertAsync(1, "parked");
        Assert.Equal(1, Assert.Single(await MeasureAsync()).Count);
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => MeasureAsync(groupBy: [HandoffGroup.Status]));
        Assert.Equal(LeoErrorId.UnreadableRow, error.ErrorId);
    }

    [PostgresFact(slow: true)]
    public async Task A_million_handoffs_are_measured()
    {
        // 100,000 SDs of ten attempts, one a day: all rejected but the last, which is accepted in every second SD and waits in the others.
        const int million = 1_000_000;
        for (int from = 0; from < million; from += 50_000)
        {
            await Database.RunAsync($"""
                set session_replication_role = replica;
                insert into exec_handoff_preparations (session_id, sd_id, handoff_status, implementation_summary, prepared_at, sent_at, response_at)
                select '{HandoffDatabase.SessionId}', 'SD-' || n / 10, status, repeat('Summary ', 30), prepared, sent, case when status <> 'sent' then sent + interval '2 hours' end
                from generate_series({from}, {from + 50_000 - 1}) n
                cross join lateral (select case when n % 10 < 9 then 'rejected' when n / 10 % 2 = 0 then 'accepted' else 'sent' end as status,
                                           timestamptz '2020-01-01Z' + n / 10 % 700 * interval '1 day' + n % 10 * interval '1 day' as prepared) a
                cross join lateral (select a.prepared + (n % 1000 + 1) * interval '1 minute' as sent) b
                """);
        }

        await Database.RunAsync("analyze exec_handoff_preparations");
        HandoffMeasure all = Assert.Single(await TimedAsync(new(), []));
        Assert.Equal((million, 50_000, 900_000, 0), (all.Count, all.Accepted, all.Rejections, all.StillBlocked));
        Assert.Equal((million, TimeSpan.FromMinutes(500.5), TimeSpan.FromMinutes(500.5)), (all.PreparedToSentCount, all.PreparedToSentMean, all.PreparedToSentP50));
        Assert.Equal(TimeSpan.FromMinutes(950.05), all.PreparedToSentP95);
        Assert.Equal((TimeSpan.FromHours(2), TimeSpan.FromHours(2)), (all.SentToAnsweredMean, all.SentToAnsweredP95));
        Assert.Equal(10, all.AttemptsToAcceptance);
        double minutesBlocked = Enumerable.Range(0, million).Where(n => n % 10 < 9).Sum(n => (22d * 60) - (n % 1000 + 1));
        Assert.Equal(minutesBlocked / 60, all.HoursBlocked, 3);

        Assert.Equal(3, (await TimedAsync(new(), [HandoffGroup.Status])).Count);
        Assert.Equal(709, (await TimedAsync(new(), [HandoffGroup.Day])).Count);
        Assert.Equal(100_000, (await TimedAsync(new(), [HandoffGroup.SdId])).Count);
        // Three days: 143 SDs began on each, and those of the first day are at their third attempt.
        HandoffMeasure begin = Assert.Single(await TimedAsync(new HandoffFilter { Before = new DateTimeOffset(2020, 1, 4, 0, 0, 0, TimeSpan.Zero) }, []));
        Assert.Equal(143 * 6, begin.Count);

        // The same told by a history, in which each answered handoff was also rejected and taken up again an hour before.
        Assert.Empty((await Database.Database.Schema.InstallWithHistoryAsync(HandoffDatabase.Context, CancellationToken.None)).Warnings);
        await Database.RunAsync("""
            insert into leops.handoff_history (row_id, sd_id, from_status, to_status, changed_at, changed_by, role, transaction_id)
            select h.id, h.sd_id, m.from_status, m.to_status, h.response_at - m.before, 'x', 'x', pg_current_xact_id()
            from exec_handoff_preparations h
            cross join lateral (values ('sent', 'rejected', interval '1 hour'), ('rejected', 'preparing', interval '30 minutes'), ('sent', h.handoff_status, interval '0')) m(from_status, to_status, before)
            where h.response_at is not null;
            """);
        await Database.RunAsync("analyze leops.handoff_history");
        HandoffMeasure told = Assert.Single(await TimedAsync(new(), []));
        Assert.Equal((MeasureBasis.History, million, 50_000, 1_850_000, 0), (told.Basis, told.Count, told.Accepted, told.Rejections, told.StillBlocked));
        Assert.Equal(20, told.AttemptsToAcceptance);
        Assert.Equal((minutesBlocked + (950_000 * 30d)) / 60, told.HoursBlocked, 3);
        Assert.Equal(100_000, (await TimedAsync(new(), [HandoffGroup.SdId])).Count);
    }

    private static Gen<DateTimeOffset?> PerhapsTime(int fromHour, int toHour) => Gen.Frequency(
        (2, Gen.Constant<DateTimeOffset?>(null)), (1, Gen.Choose(fromHour, toHour).Select(hours => (DateTimeOffset?)Base.AddHours(hours))));

    private static Gen<List<T>?> Perhaps<T>(Gen<List<T>> values) => Gen.Frequency((2, Gen.Constant<List<T>?>(null)), (1, values.Select(v => (List<T>?)v)));

    private static MeasuredRow Row(HandoffStatus status, int prepared, int sent, int? answered) => new(
        Guid.NewGuid(), HandoffDatabase.SessionId, HandoffDatabase.SdId, status,
        MeasuredTime.At(Base.AddHours(prepared)), MeasuredTime.At(Base.AddHours(sent)), answered is { } hours ? MeasuredTime.At(Base.AddHours(hours)) : MeasuredTime.None);

    private Task<IReadOnlyList<HandoffMeasure>> MeasureAsync(HandoffFilter? filter = null, HandoffGroup[]? groupBy = null, IHandoffStore? store = null) =>
        (store ?? Store).MeasureAsync(filter ?? new(), groupBy ?? [], HandoffDatabase.Context, CancellationToken.None);

    private async Task<IReadOnlyList<HandoffMeasure>> TimedAsync(HandoffFilter filter, HandoffGroup[] groupBy)
    {
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<HandoffMeasure> measures = await MeasureAsync(filter, groupBy);
        output.WriteLine($"by [{string.Join(", ", groupBy)}], before {filter.Before}: {measures.Count} measures in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        return measures;
    }

    private Task InsertAsync(params MeasuredRow[] rows) => rows.Length == 0 ? Task.CompletedTask : Database.RunAsync($"""
        set session_replication_role = replica;
        insert into exec_handoff_preparations {MeasuredRow.Columns} values {string.Join(",\n", rows.Select(r => r.Values))}
        """);

    /// <summary>Moves as they may have come before the row's status: from somewhere at some time, one after the other, with deletions and new insertions.</summary>
    private static Gen<MeasuredMove[]> MovesTo(HandoffStatus status) =>
        from before in Gen.Elements<HandoffStatus?>([null, .. Enum.GetValues<HandoffStatus>(), HandoffStatus.Rejected]).ArrayOf()
        from hours in Gen.Choose(0, 14).ArrayOf(before.Length)
        let path = before.Append(status).Aggregate(new List<HandoffStatus?>(), (p, s) => p.Count > 0 && p[^1] == s ? p : [.. p, s])
        select path.Zip(path.Skip(1), hours.Order()).Select(m => new MeasuredMove(m.First, m.Second, Base.AddHours(m.Third))).ToArray();

    private void CheckAll(bool withHistory)
    {
        Gen<(MeasuredRow[] Rows, HandoffFilter Filter, HandoffGroup[] GroupBy, MeasuredMove[][]? Moves)> cases =
            from rows in Rows.ArrayOf()
            from filter in Filters
            from groups in Gen.SubListOf(Enum.GetValues<HandoffGroup>())
            from groupBy in Gen.Shuffle(groups.ToArray())
            from moves in Gen.CollectToArray(rows, r => MovesTo(r.Status))
            let distinct = rows.Zip(moves).DistinctBy(r => r.First.Id).ToArray()
            select (distinct.Select(d => d.First).ToArray(), filter, groupBy, withHistory ? distinct.Select(d => d.Second).ToArray() : null);
        Prop.ForAll(cases.ToArbitrary(), c => CheckAsync(c.Rows, c.Filter, c.GroupBy, c.Moves).GetAwaiter().GetResult())
            .Check(RandomCases.Check(300, endSize: 30));
    }

    private Task RecordAsync(IEnumerable<(MeasuredRow Row, MeasuredMove[] Moves)> paths) =>
        string.Join(",\n", paths.SelectMany(p => p.Moves.Select(m => m.Values(p.Row)))) is { Length: > 0 } values
            ? Database.RunAsync($"""
                insert into leops.handoff_history (row_id, sd_id, from_status, to_status, changed_at, changed_by, role, transaction_id)
                values {values}
                """)
            : Task.CompletedTask;

    private async Task CheckAsync(MeasuredRow[] rows, HandoffFilter filter, HandoffGroup[] groupBy, MeasuredMove[][]? moves)
    {
        await Database.RunAsync("set session_replication_role = replica; truncate exec_handoff_preparations");
        await InsertAsync(rows);
        if (moves is not null)
        {
            await Database.RunAsync("set session_replication_role = replica; truncate leops.handoff_history");
            await RecordAsync(rows.Zip(moves));
        }

        IReadOnlyList<HandoffMeasure> measures = await MeasureAsync(filter, groupBy);
        MeasureBasis basis = moves is null ? MeasureBasis.Rows : MeasureBasis.History;
        Assert.DoesNotContain(measures, m => m.Basis != basis);
        var model = new MeasureModel(rows, moves is null ? null : rows.Zip(moves).ToDictionary(r => r.First.Id, r => r.Second));
        Dictionary<Group, Figures> expected = model.Measure(filter, groupBy);
        // Doubles lose microseconds over thousands of years, and only there.
        double tolerance = rows.Any(r => new[] { r.Prepared, r.Sent, r.Answered }.Any(t => t.Value is { Year: 1 or 9999 })) ? 1e-3 : 2e-6;
        var actual = measures.ToDictionary(m => new Group(m.Status, m.SdId, m.SessionId, m.Day, m.Week));
        Assert.Equal(expected.Keys.ToHashSet(), actual.Keys.ToHashSet());
        foreach ((Group group, Figures figures) in expected)
        {
            HandoffMeasure measure = actual[group];
            Assert.Equal(group.SdId == HandoffDatabase.SdId ? HandoffDatabase.SdKey : null, measure.SdKey);
            Assert.Equal((figures.Count, figures.Accepted, figures.Rejections, figures.StillBlocked), (measure.Count, measure.Accepted, measure.Rejections, measure.StillBlocked));
            Near(figures.Accepted + figures.Rejections == 0 ? null : (double)figures.Accepted / (figures.Accepted + figures.Rejections), measure.AcceptanceRate, tolerance);
            Same(figures.ToSent, measure.PreparedToSentCount, measure.PreparedToSentMean, measure.PreparedToSentP50, measure.PreparedToSentP95, tolerance);
            Same(figures.ToAnswered, measure.SentToAnsweredCount, measure.SentToAnsweredMean, measure.SentToAnsweredP50, measure.SentToAnsweredP95, tolerance);
            Near(figures.Attempts, measure.AttemptsToAcceptance, tolerance);
            Near(figures.HoursBlocked, measure.HoursBlocked, tolerance);
        }
    }

    private static void Same(LeadTime expected, long count, TimeSpan? mean, TimeSpan? p50, TimeSpan? p95, double tolerance)
    {
        Assert.Equal(expected.Count, count);
        Near(expected.Mean, mean?.TotalSeconds, tolerance);
        Near(expected.P50, p50?.TotalSeconds, tolerance);
        Near(expected.P95, p95?.TotalSeconds, tolerance);
    }

    private static void Near(double? expected, double? actual, double tolerance)
    {
        Assert.Equal(expected is null, actual is null);
        Assert.InRange(Math.Abs((expected ?? 0) - (actual ?? 0)), 0, tolerance);
    }
}
