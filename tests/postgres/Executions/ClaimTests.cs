using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Workers that take the oldest runs of a queue.</summary>
[Trait("Category", "Core")]
public sealed class ClaimTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private const string Queued = "'2026-01-02 00:00:00Z'::timestamptz + n * interval '1 second'";

    [PostgresFact]
    public async Task The_oldest_are_taken_the_oldest_first_and_keep_their_queue_time()
    {
        List<Guid> ids = await Database.InsertAsync(5, "pending", ("id", "('00000000-0000-0000-0000-00000000000' || n)::uuid"), ("started_at", $"case when n in (3, 4) then {Queued} - interval '1 day' else {Queued} end"));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ClaimAsync(3);
        Assert.Equal([ids[2], ids[3], ids[0]], outcomes.Select(o => o.Row!.Id));
        AssertEach.Of(outcomes, o =>
        {
            Assert.Equal((OutcomeKind.Changed, ExecutionStatus.Running, false, ExecutionDatabase.FlowKey), (o.Kind, o.Row!.Status, o.Row.IsNew, o.Row.FlowKey));
            Assert.InRange(DateTimeOffset.UtcNow - o.Row.StartedAt!.Value, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(30));
        });
        Assert.Equal("2026-01-01T00:00:03.000000Z", await Database.ScalarAsync<string>($"select metadata->>'queuedAt' from crewai_flow_executions where id = '{ids[2]}'"));
        await AssertAsInTableAsync(outcomes);
        Assert.Equal([ids[1], ids[4]], (await ClaimAsync(3)).Select(o => o.Row!.Id));
        Assert.Empty(await ClaimAsync(3));
        Assert.Equal(0, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
    }

    [PostgresFact]
    public async Task A_queue_without_times_and_with_any_metadata_is_taken_too()
    {
        List<Guid> ids = await Database.InsertAsync(
            4, "pending", ("id", "('00000000-0000-0000-0000-00000000000' || n)::uuid"), ("started_at", "case n when 1 then null when 2 then '-infinity' when 3 then now() - interval '90 days' else 'infinity' end"), ("metadata", """case n when 2 then '[1]'::jsonb when 3 then '{"a": 1.10}' end"""));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ClaimAsync(10);
        Assert.Equal([ids[1], ids[2], ids[3], ids[0]], outcomes.Select(o => o.Row!.Id));
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, null), (o.Kind, o.Error)));
        Assert.StartsWith("""{"a": 1.10, """, outcomes[1].Row!.RawMetadata, StringComparison.Ordinal);
        // Where no owner can be written, that is told.
        Assert.Equal(("[1]", true), (outcomes[0].Row!.RawMetadata, outcomes[0].Note?.Contains("no JSON object", StringComparison.Ordinal)));
        AssertEach.Of(outcomes.Skip(1), o => Assert.Null(o.Note));
    }

    [PostgresFact]
    public async Task Fifty_workers_at_once_never_take_the_same_run_and_leave_none()
    {
        List<Guid> ids = await Database.InsertAsync(2000, "pending", ("started_at", Queued));
        await using ILeoDatabase wide = await Database.OpenAsync(s => s);
        IEnumerable<Task<List<Guid>>> workers = Enumerable.Range(0, 50).Select(n => Task.Run(async () =>
        {
            var mine = new List<Guid>();
            while (await ClaimAsync(1 + (n % 5 * 7), store: (n % 2 == 0 ? Database.Database : wide).Executions) is { Count: > 0 } outcomes)
            {
                mine.AddRange(outcomes.Select(o => o.Row!.Id));
            }

            return mine;
        }));
        List<Guid> taken = [.. (await Task.WhenAll(workers)).SelectMany(m => m)];
        Assert.Equal(ids, taken.Order());
        Assert.Equal(2000, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'running'"));
    }

    [PostgresFact]
    public async Task A_run_that_somebody_holds_is_passed_over_without_a_wait_and_stays_in_the_queue()
    {
        List<Guid> ids = await Database.InsertAsync(3, "pending", ("id", "('00000000-0000-0000-0000-00000000000' || n)::uuid"), ("started_at", Queued));
        await using (NpgsqlConnection holder = await Database.HoldAsync(ids[0], ids[1]))
        {
            Assert.Equal([ids[2]], (await ClaimAsync(2)).Select(o => o.Row!.Id));
            Assert.Empty(await ClaimAsync(2));
            // Disposing would leave the server to notice by itself.
            await using var release = new NpgsqlCommand("rollback", holder);
            await release.ExecuteNonQueryAsync();
        }

        Assert.Equal([ids[0], ids[1]], (await ClaimAsync(2)).Select(o => o.Row!.Id));
    }

    [PostgresFact]
    public async Task Values_given_with_the_claim_are_written_for_all_and_the_others_kept()
    {
        List<Guid> ids = await Database.InsertAsync(2, "pending", ("started_at", Queued), ("input_state", "to_jsonb(n)"), ("metadata", """'{"old": 1}'"""), ("execution_mode", "'scheduled'"));
        var user = Guid.NewGuid();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ClaimAsync(2, values: new RunValues { ExecutedBy = user, Metadata = """{"worker": 7}""" });
        Assert.Equal(ids.Order(), outcomes.Select(o => o.Row!.Id).Order());
        AssertEach.Of(outcomes, o =>
        {
            Assert.Equal((user, ExecutionMode.Scheduled), (o.Row!.ExecutedBy, o.Row.ExecutionMode));
            AssertEach.Of(["\"worker\": 7", "\"queuedAt\": \"2026-01-02T"], part => Assert.Contains(part, o.Row.RawMetadata, StringComparison.Ordinal));
        });
        Assert.Equal(["1", "2"], outcomes.Select(o => o.Row!.RawInputState!).Order());
        await AssertAsInTableAsync(outcomes);
    }

    [PostgresFact]
    public async Task A_key_or_a_pattern_chooses_the_flow_and_runs_of_flows_that_do_not_start_wait_without_force()
    {
        Guid archived = await Database.AddFlowAsync("old-flow", "archived");
        Guid draft = await Database.AddFlowAsync("new-flow", "draft");
        Guid ofArchived = (await Database.InsertAsync(1, "pending", ("started_at", Queued), ("flow_id", $"'{archived}'")))[0];
        Guid ofDraft = (await Database.InsertAsync(1, "pending", ("started_at", $"{Queued} + interval '1 hour'"), ("flow_id", $"'{draft}'")))[0];
        Assert.Equal(LeoErrorId.FlowNotFound, Assert.Single(await ClaimAsync(1, "nobody")).Error?.ErrorId);
        ChangeOutcome<FlowExecution> refused = Assert.Single(await ClaimAsync(1, "old-flow"));
        Assert.Equal((OutcomeKind.Failed, LeoErrorId.FlowNotRunnable, "old-flow"), (refused.Kind, refused.Error?.ErrorId, refused.Source));
        Assert.Empty(await ClaimAsync(1, ExecutionDatabase.FlowKey));
        Assert.Empty(await ClaimAsync(1, "old-*"));
        Assert.Equal([ofDraft], (await ClaimAsync(5, "*-FLOW")).Select(o => o.Row!.Id));
        Assert.Empty(await ClaimAsync(5));
        Assert.Equal([ofArchived], (await ClaimAsync(5, "old-flow", force: true)).Select(o => o.Row!.Id));
    }

    [PostgresFact]
    public async Task A_role_that_reads_the_queue_and_may_not_take_from_it_is_Forbidden()
    {
        var user = Guid.Parse("00000000-0000-0000-0000-00000000000a");
        Guid id = (await Database.InsertAsync(1, "pending", ("started_at", Queued), ("executed_by", $"'{user}'")))[0];
        await Database.InsertAsync(1, "pending", ("started_at", Queued));
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", user);
        ChangeOutcome<FlowExecution> outcome = Assert.Single(await ClaimAsync(1, store: member.Executions));
        Assert.Equal((LeoErrorId.Forbidden, (object)id), (outcome.Error?.ErrorId, outcome.Source));
        Assert.Equal(1, (await member.Executions.LookAtQueueAsync(Claim(5), ExecutionDatabase.Context, CancellationToken.None)).Waiting);
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'pending'"));
        await using ILeoDatabase reader = await Database.OpenAsync(s => s with { ReadOnly = true });
        Assert.Equal(LeoErrorId.ReadOnlyConnection, (await Assert.ThrowsAsync<LeoException>(() => ClaimAsync(1, store: reader.Executions))).ErrorId);
    }

    [PostgresFact]
    public async Task A_table_that_changes_between_two_claims_is_seen_by_the_second_or_a_second_later()
    {
        await Database.InsertAsync(4, "pending", ("started_at", Queued));
        await Database.RunAsync("alter table crewai_flow_executions add budget_limit int default 7");
        FlowExecution first = (await ClaimAsync(1))[0].Row!;
        Assert.Equal("""{"budget_limit":7}""", first.RawAdditionalColumns);
        // A column that is missing is noticed at once, and so is a table.
        await Database.RunAsync("alter table crewai_flow_executions drop budget_limit");
        FlowExecution second = (await ClaimAsync(1))[0].Row!;
        Assert.Null(second.RawAdditionalColumns);
        await Database.RunAsync("alter table crewai_flow_executions add budget_limit int default 8");
        Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(Complete, [ExecutionDatabase.Of(second)])).Kind);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal("""{"budget_limit":8}""", (await ClaimAsync(1))[0].Row!.RawAdditionalColumns);
        await Database.RunAsync("alter table crewai_flow_executions drop budget_limit");
        Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(Complete, [ExecutionDatabase.Of(first.Id)])).Kind);
        await Database.RunAsync("alter table crewai_flow_executions rename to elsewhere");
        Assert.Equal(LeoErrorId.SchemaMissing, (await Assert.ThrowsAsync<LeoException>(() => ClaimAsync(1))).ErrorId);
    }

    [PostgresTheory]
    [InlineData("alter table crewai_flow_executions add constraint sane check (status <> 'running' or token_count is distinct from 13)", "sane")]
    [InlineData(
        """
        create function refuse() returns trigger language plpgsql as $$ begin if new.token_count = 13 then raise exception 'not on a Friday'; end if; return new; end $$;
        create constraint trigger friday after update on crewai_flow_executions deferrable initially deferred for each row execute function refuse()
        """,
        "Friday")]
    public async Task A_run_that_the_database_refuses_to_start_is_named_and_the_others_are_claimed(string refusal, string said)
    {
        List<Guid> ids = await Database.InsertAsync(
            6, "pending", ("id", "('00000000-0000-0000-0000-00000000000' || n)::uuid"), ("started_at", Queued), ("token_count", "case when n in (1, 4) then 13 end"));
        await Database.RunAsync(refusal);

        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ClaimAsync(3);

        Assert.Equal([ids[0], ids[3]], outcomes.Where(o => o.Kind == OutcomeKind.Failed).Select(o => (Guid)o.Source!));
        AssertEach.Of(outcomes.Where(o => o.Kind == OutcomeKind.Failed), o => Assert.Contains(said, o.Error!.Message, StringComparison.Ordinal));
        Assert.Equal([ids[1], ids[2], ids[4]], outcomes.Where(o => o.Kind == OutcomeKind.Changed).Select(o => o.Row!.Id));
        await AssertAsInTableAsync([.. outcomes.Where(o => o.Kind == OutcomeKind.Changed)]);
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'pending' and token_count = 13"));
        Assert.Equal([ids[0], ids[3], ids[5]], (await ClaimAsync(1)).Select(o => o.Row?.Id ?? (Guid)o.Source!));
    }

    [PostgresFact]
    public async Task What_was_claimed_comes_out_before_the_next_statement_so_that_its_failure_hides_no_run()
    {
        List<Guid> ids = await Database.InsertAsync(
            4, "pending", ("id", "('00000000-0000-0000-0000-00000000000' || n)::uuid"), ("started_at", Queued), ("token_count", "case n when 3 then 13 end"));
        await Database.RunAsync("alter table crewai_flow_executions add constraint sane check (status <> 'running' or token_count is distinct from 13)");
        ClaimStep first = await Store.ClaimAsync(Claim(4), ExecutionDatabase.Context, CancellationToken.None);
        Assert.Equal(2, first.Outcomes.Count);
        await using (NpgsqlConnection other = await Database.ConnectAsync())
        {
            await using NpgsqlTransaction transaction = await other.BeginTransactionAsync();
            await using (var held = new NpgsqlCommand("lock table crewai_flow_executions", other, transaction))
            {
                await held.ExecuteNonQueryAsync();
            }

            LeoException error = await Assert.ThrowsAsync<LeoException>(
                () => Store.ClaimAllAsync(first.Rest!, Waiting(TimeSpan.FromMilliseconds(100)), CancellationToken.None));
            Assert.Equal(LeoErrorId.RowLocked, error.ErrorId);
        }

        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'running'"));
        IReadOnlyList<ChangeOutcome<FlowExecution>> rest = await Store.ClaimAllAsync(first.Rest!, ExecutionDatabase.Context, CancellationToken.None);
        Assert.Equal([ids[2], ids[3]], rest.Select(o => o.Row?.Id ?? (Guid)o.Source!));
    }

    [PostgresFact]
    public async Task A_claim_that_is_all_or_none_fails_as_a_whole_and_a_value_that_all_refuse_ends_after_a_few()
    {
        await Database.InsertAsync(30, "pending", ("started_at", Queued));
        await Database.RunAsync("alter table crewai_flow_executions add constraint sane check (status <> 'running')");
        var claim = new RunClaim(ExecutionDatabase.Starting(), 20, null, RunValues.None);

        LeoException whole = await Assert.ThrowsAsync<LeoException>(() => Store.ClaimAllAsync(claim with { IsAtomic = true }, ExecutionDatabase.Context, CancellationToken.None));
        IReadOnlyList<ChangeOutcome<FlowExecution>> each = await Store.ClaimAllAsync(claim, ExecutionDatabase.Context, CancellationToken.None);

        Assert.Equal(LeoErrorId.ValueOutOfRange, whole.ErrorId);
        Assert.Equal(8, each.Count);
        AssertEach.Of(each, o => Assert.Equal(LeoErrorId.ValueOutOfRange, o.Error?.ErrorId));
        Assert.Equal(30, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'pending'"));
    }

    [PostgresFact]
    public async Task A_claim_in_a_transaction_is_taken_back_with_it()
    {
        Guid id = (await Database.InsertAsync(1, "pending", ("started_at", Queued)))[0];
        string before = await Database.FingerprintAsync();
        await using (ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None))
        {
            Assert.Equal([id], (await ClaimAsync(1, store: transaction.Database.Executions)).Select(o => o.Row!.Id));
            // Nobody else can have it meanwhile.
            Assert.Empty(await ClaimAsync(1));
        }

        Assert.Equal(before, await Database.FingerprintAsync());
        Assert.Equal([id], (await ClaimAsync(1)).Select(o => o.Row!.Id));
    }

    private static RunClaim Claim(int count, string? flowKey = null, RunValues? values = null, bool force = false) =>
        new RunClaim(ExecutionDatabase.Starting(force: force), count, flowKey, values ?? RunValues.None).Check();

    private Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ClaimAsync(
        int count, string? flowKey = null, RunValues? values = null, bool force = false, IExecutionStore? store = null) =>
        (store ?? Store).ClaimAllAsync(Claim(count, flowKey, values, force), ExecutionDatabase.Context, CancellationToken.None);
}
