using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Statuses;

namespace LeoPS.PostgresTests.Executions;

/// <summary>What a move does to its run.</summary>
public sealed class CompleteTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    public static TheoryData<bool, bool> Ways => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [PostgresTheory]
    [MemberData(nameof(Ways))]
    public async Task Every_move_is_made_or_refused_and_stamped_as_the_table_says(bool force, bool objects)
    {
        foreach (ExecutionStatus to in Enum.GetValues<ExecutionStatus>())
        {
            await Database.RunAsync("truncate crewai_flow_executions");
            // A run of each status, with and without stamps of its former life.
            foreach (ExecutionStatus from in Enum.GetValues<ExecutionStatus>())
            {
                string status = StatusNames<ExecutionStatus>.ToColumn(from);
                await Database.InsertAsync(1, status, ("started_at", "now() - interval '1 hour'"), ("completed_at", "'2020-01-02Z'"), ("duration_ms", "77"));
                await Database.InsertAsync(1, status, ("started_at", "null"));
            }

            await CheckMovesAsync(to, force, objects);
        }
    }

    [PostgresTheory]
    [InlineData(ExecutionStatus.Completed)]
    [InlineData(ExecutionStatus.Failed)]
    [InlineData(ExecutionStatus.Cancelled)]
    [InlineData(ExecutionStatus.Timeout)]
    public async Task An_end_is_by_the_servers_clock_and_so_is_the_duration(ExecutionStatus to)
    {
        // One began in a moment, by a clock that is ahead of the server's.
        List<Guid> ids = await Database.InsertAsync(
            4, "running", ("started_at", "case n when 1 then now() - interval '24 days' when 2 then now() + interval '90 seconds' when 3 then now() - interval '1234.5678 ms' else now() end"));
        List<FlowExecution> rows = await Database.ReadAsync();
        var values = new RunValues { OutputState = "1", TokenCount = 20_000, CostUsd = 0.06m, Error = RunError.Of("m", "t", "s") };
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(
            ExecutionDatabase.MoveTo(to), rows.Select((r, i) => i % 2 == 0 ? ExecutionDatabase.Of(r, values) : ExecutionDatabase.Of(r.Id, values)));
        Assert.Equal(ids, outcomes.Select(o => o.Row!.Id));
        AssertEach.Of(outcomes, o =>
        {
            FlowExecution now = o.Row!;
            Assert.Equal((OutcomeKind.Changed, to, null), (o.Kind, now.Status, o.Note));
            Assert.InRange(DateTimeOffset.UtcNow - now.CompletedAt!.Value, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(30));
            Assert.Equal((int)Math.Round((now.CompletedAt.Value - now.StartedAt!.Value).TotalMilliseconds, MidpointRounding.AwayFromZero), now.DurationMs);
            Assert.Equal(("1", 20_000, 0.06m, "m", "t", "s"), (now.RawOutputState, now.TokenCount, now.CostUsd, now.ErrorMessage, now.ErrorType, now.ErrorStack));
        });
        Assert.Single(outcomes.Select(o => o.Row!.CompletedAt).Distinct());
        Assert.Equal([1, 3], new[] { outcomes.Count(o => o.Row!.DurationMs < 0), outcomes.Count(o => o.Row!.DurationMs >= 0) });
        await AssertAsInTableAsync(outcomes);
    }

    [PostgresFact]
    public async Task A_run_of_a_null_status_moves_by_no_force_and_a_missing_one_is_NotFound()
    {
        Guid id = (await Database.InsertAsync(1, status: null))[0];
        FlowExecution row = await Database.ReadAsync(id);
        var missing = Guid.NewGuid();
        foreach (bool force in new[] { false, true })
        {
            foreach (ExecutionChange change in new[] { ExecutionDatabase.Of(row), ExecutionDatabase.Of(id) })
            {
                IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(ExecutionDatabase.MoveTo(ExecutionStatus.Completed, force), [change, ExecutionDatabase.Of(missing)]);
                Assert.Equal([LeoErrorId.InvalidTransition, LeoErrorId.NotFound], outcomes.Select(o => o.Error!.ErrorId));
                Assert.Contains("its status column is null", outcomes[0].Error!.Message, StringComparison.Ordinal);
                Assert.Contains(missing.ToString(), outcomes[1].Error!.Message, StringComparison.Ordinal);
            }
        }

        Assert.Equal(ExecutionJson.Line(row), ExecutionJson.Line(await Database.ReadAsync(id)));
    }

    [PostgresFact]
    public async Task Outcomes_come_in_the_order_given_with_their_sources()
    {
        List<Guid> ids = await Database.InsertAsync(50);
        Guid[] shuffled = [.. ids.Concat(Enumerable.Range(0, 10).Select(_ => Guid.NewGuid())).OrderBy(_ => Guid.NewGuid())];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(Complete, shuffled.Select((id, i) => ExecutionDatabase.Of(id, new RunValues { TokenCount = i })));
        Assert.Equal(shuffled.Cast<object>(), outcomes.Select(o => o.Source));
        Assert.Equal(shuffled.Select(ids.Contains), outcomes.Select(o => o.Kind == OutcomeKind.Changed));
        // Each got its own value.
        AssertEach.Of(outcomes.Select((o, i) => (o.Row, i)).Where(p => p.Row is not null), p => Assert.Equal((shuffled[p.i], p.i), (p.Row!.Id, p.Row.TokenCount)));
    }

    private async Task CheckMovesAsync(ExecutionStatus to, bool force, bool objects)
    {
        List<FlowExecution> before = await Database.ReadAsync();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(
            ExecutionDatabase.MoveTo(to, force), before.Select(r => objects ? ExecutionDatabase.Of(r) : ExecutionDatabase.Of(r.Id)));
        Dictionary<Guid, FlowExecution> after = (await Database.ReadAsync()).ToDictionary(r => r.Id);
        Assert.Equal(12, outcomes.Count);
        foreach ((FlowExecution was, ChangeOutcome<FlowExecution> outcome) in before.Zip(outcomes))
        {
            FlowExecution now = after[was.Id];
            Move<ExecutionStatus>? expected = ExecutionTransitions.Table.MovesTo(to, force).SingleOrDefault(m => m.From == was.Status);
            if (expected is null)
            {
                Assert.Equal(was.Status == to ? (OutcomeKind.Unchanged, null) : (OutcomeKind.Failed, LeoErrorId.InvalidTransition), (outcome.Kind, outcome.Error?.ErrorId));
                Assert.Equal(ExecutionJson.Line(was), ExecutionJson.Line(now));
                continue;
            }

            Assert.Equal((OutcomeKind.Changed, to), (outcome.Kind, now.Status));
            AssertStamp(expected.Stamps[0], was.StartedAt, now.StartedAt);
            AssertStamp(expected.Stamps[1], was.CompletedAt, now.CompletedAt);
            Assert.Equal(now.CompletedAt - now.StartedAt is { } took ? (int)Math.Round(took.TotalMilliseconds, MidpointRounding.AwayFromZero) : null, DurationOf(expected, was, now));
            Assert.NotEqual(was.RowVersion, now.RowVersion);
            // What came out is what is there, to the last column.
            Assert.Equal(ExecutionJson.Line(now), ExecutionJson.Line(outcome.Row!));
        }
    }

    /// <summary>The duration where the move sets an end; where it keeps one, the duration is kept with it, and nothing is compared.</summary>
    private static int? DurationOf(Move<ExecutionStatus> move, FlowExecution was, FlowExecution now)
    {
        if (move.Stamps[1] != StampAction.Keep)
        {
            return now.DurationMs;
        }

        Assert.Equal(was.DurationMs, now.DurationMs);
        return now.CompletedAt - now.StartedAt is { } took ? (int)Math.Round(took.TotalMilliseconds, MidpointRounding.AwayFromZero) : null;
    }

    private static void AssertStamp(StampAction action, DateTimeOffset? was, DateTimeOffset? now)
    {
        if (action == StampAction.Now)
        {
            Assert.InRange(DateTimeOffset.UtcNow - now!.Value, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(30));
        }
        else
        {
            Assert.Equal(action == StampAction.Keep ? was : null, now);
        }
    }
}
