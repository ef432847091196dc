using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Runs whose time duration_ms, an integer of milliseconds, cannot say.</summary>
public sealed class CompleteLongTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private const string WithoutWhen = """
        drop trigger execution_duration_calculator on crewai_flow_executions;
        create trigger execution_duration_calculator before update on crewai_flow_executions for each row execute function calculate_execution_duration()
        """;

    /// <summary>Starts, what they come out as (null for infinity, which no object holds), and whether they are too far away.</summary>
    private static readonly (string Start, bool Long, bool Infinite)[] Starts =
    [
        ("now() - interval '1 minute'", false, false),
        ("now() - interval '25 days'", true, false),
        ("'-infinity'", true, true),
        ("now() - interval '24 days 20 hours 30 minutes'", false, false),
        ("now() - interval '24 days 20 hours 31 minutes 24 seconds'", true, false),
        ("now() + interval '400 years'", true, false),
        ("'infinity'", true, true),
        ("'0044-03-15Z BC'", true, false),
        ("null", false, false),
        ("now() + interval '20 days'", false, false),
        ("'2000-01-01Z'", true, false),
    ];

    [PostgresTheory]
    [InlineData(false, false, true)]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    public async Task They_are_closed_beside_the_others_and_say_so(bool withoutWhen, bool atomic, bool objects)
    {
        await Database.RunAsync(withoutWhen ? WithoutWhen : "select 1");
        List<Guid> ids = await InsertAsync();
        // A row whose start no object holds is never given as one.
        List<FlowExecution> rows = (await Database.ReadItemsAsync()).ConvertAll(i => i.Row);
        IEnumerable<ExecutionChange> changes = rows.Select((r, i) =>
        {
            var values = new RunValues { OutputState = $"{i}", TokenCount = i % 2 == 0 ? i : null };
            return objects && r.StartedAt is not null ? ExecutionDatabase.Of(r, values) : ExecutionDatabase.Of(r.Id, values);
        });
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ApplyAsync(ExecutionDatabase.MoveTo(ExecutionStatus.Failed), changes, atomic);
        Dictionary<Guid, string> starts = ids.Zip(Starts).ToDictionary(p => p.First, p => p.Second.Start);
        for (int i = 0; i < outcomes.Count; i++)
        {
            (string start, bool isLong, bool infinite) = Starts.Single(s => s.Start == starts[rows[i].Id]);
            ChangeOutcome<FlowExecution> outcome = outcomes[i];
            Assert.True(outcome.Kind == OutcomeKind.Changed, $"{start}: {outcome.Error?.Message}");
            FlowExecution now = outcome.Row!;
            Assert.Equal((rows[i].Id, ExecutionStatus.Failed, $"{i}", i % 2 == 0 ? i : null), (now.Id, now.Status, now.RawOutputState, now.TokenCount));
            Assert.True(isLong == outcome.Note is not null, $"{start}: {outcome.Note}");
            bool withEnd = !isLong || !(infinite || withoutWhen);
            Assert.True(withEnd == now.CompletedAt is not null, start);
            Assert.True(withEnd == !(outcome.Note ?? "").Contains("completed_at", StringComparison.Ordinal), start);
            Assert.True((now.DurationMs is null) == (isLong || start == "null"), start);
            Assert.True(!withEnd || DateTimeOffset.UtcNow - now.CompletedAt < TimeSpan.FromSeconds(30), start);
            Assert.Equal(now.StartedAt is null && start != "null" ? LeoErrorId.UnreadableRow : null, outcome.Error?.ErrorId);
        }

        // What came out is what is there, versions included; and the starts are untouched.
        Assert.Equal(
            (await Database.ReadItemsAsync()).Select(i => ExecutionJson.Line(i.Row)), outcomes.Select(o => ExecutionJson.Line(o.Row!)));
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where not isfinite(started_at)"));
        Assert.Equal(rows.Select(r => r.StartedAt), outcomes.Select(o => o.Row!.StartedAt));
    }

    [PostgresFact]
    public async Task Among_a_thousand_they_cost_nothing_but_statements_of_their_own()
    {
        await Database.InsertAsync(1000, "running", ("started_at", "case when n % 250 = 0 then now() - interval '30 days' else now() end"));
        var lines = new List<string>();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(
            Complete, (await Database.ReadAsync()).Select(r => ExecutionDatabase.Of(r)), ExecutionDatabase.Context with { Log = lines.Add });
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, ExecutionStatus.Completed), (o.Kind, o.Row!.Status)));
        Assert.Equal(4, outcomes.Count(o => o.Note is not null));
        AssertEach.Of(outcomes, o => Assert.NotNull(o.Row!.CompletedAt));
        await AssertAsInTableAsync(outcomes);
        Assert.Equal(5, lines.Count);
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Their_guard_holds_too_and_a_bad_one_fails_alone(bool atomic)
    {
        List<Guid> ids = await Database.InsertAsync(6, "running", ("started_at", "now() - interval '30 days'"));
        List<FlowExecution> rows = await Database.ReadAsync();
        await Database.RunAsync($"""
            update crewai_flow_executions set token_count = 5 where id = '{ids[1]}';
            update crewai_flow_executions set status = 'pending' where id = '{ids[2]}';
            alter table crewai_flow_executions add constraint not_that_one check (status <> 'completed' or id <> '{ids[3]}')
            """);
        string before = await Database.FingerprintAsync();
        ExecutionChange[] changes =
        [
            ExecutionDatabase.Of(rows[0]), ExecutionDatabase.Of(rows[1]), ExecutionDatabase.Of(ids[2]), ExecutionDatabase.Of(rows[3]),
            ExecutionDatabase.Of(ids[4], new RunValues { OutputState = """{"a": "\u0000"}""" }), ExecutionDatabase.Of(ids[5]),
        ];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ApplyAsync(Complete, changes, atomic, committed: !atomic);
        Assert.Equal(
            [null, LeoErrorId.StatusConflict, LeoErrorId.InvalidTransition, LeoErrorId.ValueOutOfRange, LeoErrorId.InvalidJson, null], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Equal(atomic, before == await Database.FingerprintAsync());
        Assert.Equal(atomic ? 0 : 2, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'completed'"));
        if (!atomic)
        {
            AssertEach.Of([outcomes[0], outcomes[5]], o => Assert.NotNull(o.Row!.CompletedAt));
        }
    }

    [PostgresFact]
    public async Task A_long_one_that_another_holds_is_RowLocked_and_the_others_are_closed()
    {
        List<Guid> ids = await Database.InsertAsync(4, "running", ("started_at", "now() - interval '30 days'"));
        await using (await Database.HoldAsync(ids[2]))
        {
            IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(Complete, ids.Select(i => ExecutionDatabase.Of(i)), Waiting(TimeSpan.FromMilliseconds(100)));
            Assert.Equal(ids[2], SingleFailure(outcomes, LeoErrorId.RowLocked).Source);
        }

        Assert.Equal(3, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'completed' and completed_at > started_at"));
    }

    [PostgresFact]
    public async Task One_that_may_not_be_changed_is_Forbidden()
    {
        var user = Guid.NewGuid();
        List<Guid> ids = await Database.InsertAsync(2, "running", ("started_at", "now() - interval '30 days'"), ("executed_by", $"'{user}'::uuid"));
        await using Ports.ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", user);
        FlowExecution row = (await Database.ReadAsync(database: member))[0];
        AssertEach.Of(await ChangeAsync(Complete, [ExecutionDatabase.Of(row), ExecutionDatabase.Of(ids[1])], store: member.Executions), o => Assert.Equal(LeoErrorId.Forbidden, o.Error?.ErrorId));
    }

    [PostgresFact]
    public async Task Forced_from_one_end_to_another_they_keep_an_end()
    {
        await Database.InsertAsync(2, "failed", ("started_at", "case n when 1 then now() - interval '30 days' else '-infinity' end"), ("completed_at", "'2020-01-01Z'"), ("duration_ms", "5"));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(
            ExecutionDatabase.MoveTo(ExecutionStatus.Completed, force: true), (await Database.ReadItemsAsync()).Select(i => ExecutionDatabase.Of(i.Row.Id)));
        AssertEach.Of(outcomes, o =>
        {
            Assert.Equal((OutcomeKind.Changed, ExecutionStatus.Completed, null), (o.Kind, o.Row!.Status, o.Row.DurationMs));
            Assert.InRange(DateTimeOffset.UtcNow - o.Row.CompletedAt!.Value, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(30));
        });
    }

    /// <summary>A running row per start.</summary>
    /// <returns>Their ids in the order of the starts.</returns>
    private async Task<List<Guid>> InsertAsync()
    {
        var ids = new List<Guid>();
        foreach ((string start, bool _, bool _) in Starts)
        {
            ids.AddRange(await Database.InsertAsync(1, "running", ("started_at", start)));
        }

        return ids;
    }

    private async Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ApplyAsync(
        StatusMove<ExecutionStatus> move, IEnumerable<ExecutionChange> changes, bool atomic, bool committed = true)
    {
        if (!atomic)
        {
            return await ChangeAsync(move, changes);
        }

        BulkResult<FlowExecution> result = await ChangeAtomicallyAsync(move, changes, batchSize: 4);
        Assert.Equal(committed, result.Committed);
        return result.Outcomes;
    }
}
