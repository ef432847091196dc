using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Kinds;

/// <summary>Every operation on flow executions, over tables of each kind.</summary>
public sealed class ExecutionKindTests(PostgresServer server) : TableKindTest(server)
{
    private static readonly RunStartRules Running = ExecutionDatabase.Starting();
    private static readonly RunStartRules Queueing = new(ExecutionStatus.Pending, KeyConflict.Fail, Force: false);
    private static readonly RunStartRules UseExisting = ExecutionDatabase.Starting(KeyConflict.UseExisting);

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Runs_are_started_with_the_version_that_a_read_shows_and_the_flow_counts_them(TableKind kind)
    {
        await MakeAsync(kind);
        List<FlowExecution> runs = AllChanged(await StartAsync(Running, Run(), Run("kind-1")));
        AssertEach.Of(runs, r => Assert.Equal((true, FlowKey, HasVersion(kind)), (r.IsNew, r.FlowKey, r.RowVersion is not null)));
        await AssertAsStoredAsync(runs);
        Assert.Equal(2, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_queued_run_goes_its_way_with_the_object_that_each_step_returns(TableKind kind)
    {
        await MakeAsync(kind);
        FlowExecution queued = Changed(await StartAsync(Queueing, Run()));
        FlowExecution started = Changed(await StartAsync(Running, ExecutionDatabase.Of(queued)));
        await AssertAsStoredAsync([started]);
        FlowExecution ended = Changed(await ChangeAsync(ExecutionStatus.Completed, ExecutionDatabase.Of(started, new RunValues { OutputState = "1" })));
        await AssertAsStoredAsync([ended]);
        Assert.NotNull(ended.DurationMs);
        FlowExecution again = Changed(await Leo.Executions.RestartAsync(Running, [new RunRestart(ended.Id, ended.Guard, ended)], Bulk.Each, Context, CancellationToken.None).OutcomesAsync());
        Assert.Equal((true, HasVersion(kind)), (again.IsNew, again.RowVersion is not null));
        await AssertAsStoredAsync([again]);
        Assert.Equal(again.Id, (await Leo.Executions.LookForEndsAsync([again.Id, ended.Id], Context, CancellationToken.None)).Count == 1 ? again.Id : Guid.Empty);
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_run_that_was_queued_in_another_partition_starts_and_its_object_is_up_to_date(TableKind kind)
    {
        await MakeAsync(kind);
        Guid[] ids = await QueueAsync(3, "2025-06-01");
        List<FlowExecution> queued = await ReadRunsAsync(ids);
        FlowExecution started = Changed(await StartAsync(Running, ExecutionDatabase.Of(queued[0])));
        await AssertAsStoredAsync([started]);
        Assert.Contains("queuedAt", started.RawMetadata, StringComparison.Ordinal);
        List<FlowExecution> claimed = AllChanged(await ClaimAsync(2));
        await AssertAsStoredAsync(claimed);
        AssertEach.Of(claimed, r => Assert.Equal((ExecutionStatus.Running, HasVersion(kind)), (r.Status, r.RowVersion is not null)));
        AllChanged(await ChangeAsync(ExecutionStatus.Completed, [.. claimed.Append(started).Select(r => ExecutionDatabase.Of(r))]));
        Assert.Empty(await ClaimAsync(2));
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task An_object_that_is_out_of_date_changes_nothing(TableKind kind)
    {
        await MakeAsync(kind);
        FlowExecution known = Changed(await StartAsync(Running, Run()));
        Changed(await ChangeAsync(ExecutionStatus.Failed, ExecutionDatabase.Of(known.Id)));
        Failed(await ChangeAsync(ExecutionStatus.Completed, ExecutionDatabase.Of(known)), LeoErrorId.StatusConflict);
        Failed(await Leo.Executions.RemoveAsync([new RowRemoval(known.Id, known.Guard, known)], force: true, Bulk.Each, null, Context, CancellationToken.None).OutcomesAsync(), LeoErrorId.EditConflict);
        Assert.Equal(ExecutionStatus.Failed, Assert.Single(await ReadRunsAsync(known.Id)).Status);
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_key_that_is_taken_is_refused_or_gives_the_run_that_has_it(TableKind kind)
    {
        await MakeAsync(kind);
        FlowExecution first = Changed(await StartAsync(Running, Run("K")));
        Failed(await StartAsync(Running, Run("K")), LeoErrorId.DuplicateExecutionKey);
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(UseExisting, Run("K"), Run("L"), Run("L"));
        Assert.Equal([OutcomeKind.Unchanged, OutcomeKind.Changed, OutcomeKind.Unchanged], outcomes.Select(o => o.Kind));
        Assert.Equal((first.Id, outcomes[1].Row!.Id), (outcomes[0].Row!.Id, outcomes[2].Row!.Id));
        Assert.Equal(2, await CountAsync());
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Many_calls_at_once_with_one_key_make_one_run(TableKind kind)
    {
        await MakeAsync(kind);
        IReadOnlyList<ChangeOutcome<FlowExecution>>[] calls = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Task.Run(() => StartAsync(
            UseExisting, Run("K"), Run($"own-{n}"), Run("L")))));
        AssertEach.Of(calls.SelectMany(c => c), o => Assert.Null(o.Error?.Message));
        Assert.Single(calls.Select(c => c[0].Row!.Id).Distinct());
        Assert.Equal(1, calls.Count(c => c[0].Kind == OutcomeKind.Changed));
        Assert.Equal(18, await CountAsync());
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Keys_hold_in_one_transaction_too(TableKind kind)
    {
        await MakeAsync(kind);
        Changed(await StartAsync(Running, Run("K")));
        BulkResult<FlowExecution> refused = await Leo.Executions.StartAsync(Running, [Run("A"), Run("K"), Run("B")], new BulkOptions(2, IsAtomic: true), Context, CancellationToken.None);
        Assert.False(refused.Committed);
        SingleFailure(refused.Outcomes, LeoErrorId.DuplicateExecutionKey);
        BulkResult<FlowExecution> made = await Leo.Executions.StartAsync(UseExisting, [Run("A"), Run("K"), Run("B")], new BulkOptions(2, IsAtomic: true), Context, CancellationToken.None);
        Assert.True(made.Committed);
        await AssertAsStoredAsync(made.Outcomes.Where(o => o.Kind == OutcomeKind.Changed).Select(o => o.Row!));
        Assert.Equal(3, await CountAsync());
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_run_that_this_process_owns_is_started_seen_and_ended(TableKind kind)
    {
        await MakeAsync(kind);
        OwnedStart started = await Leo.Executions.StartOwnedAsync(Running, Run("K"), Context, CancellationToken.None);
        FlowExecution run = Changed([started.Outcome]);
        Assert.NotNull(RunOwner.Of(run));
        await AssertAsStoredAsync([run]);
        Assert.Equal(0, await Leo.Executions.CountAsync(new ExecutionFilter { Orphaned = true }, Context, CancellationToken.None));
        Changed(await ChangeAsync(ExecutionStatus.Completed, ExecutionDatabase.Of(run)));
        Assert.Null(Leo.Executions.FindOwned(run.Id));
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_heartbeat_renews_an_owned_run_and_its_object_stays_good(TableKind kind)
    {
        await MakeAsync(kind);
        await QueueAsync(1, "2025-06-01");
        await using Ports.ILeoDatabase pooled = await Database.OpenAsync(s => s with { PoolerMode = PoolerMode.Transaction });
        FlowExecution run = Changed(await pooled.Executions.ClaimAllAsync(new RunClaim(Running, 1, null, RunValues.None), Context, CancellationToken.None));
        string beat = await BeatAsync(run.Id);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await BeatAsync(run.Id) == beat)
        {
            await Task.Delay(100, patience.Token);
        }

        Changed(await pooled.Executions.ChangeAsync(
            ExecutionDatabase.MoveTo(ExecutionStatus.Completed), [ExecutionDatabase.Of(run)], Bulk.Each, Context, CancellationToken.None).OutcomesAsync());
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Selections_are_measured_stopped_and_removed(TableKind kind)
    {
        await MakeAsync(kind);
        await QueueAsync(5, "2025-06-01");
        var pending = new ExecutionFilter { Statuses = [ExecutionStatus.Pending] };
        Assert.Equal(5, await Leo.Executions.CountAsync(pending, Context, CancellationToken.None));
        var cancelled = new List<ChangeOutcome<FlowExecution>>();
        await foreach (IReadOnlyList<ChangeOutcome<FlowExecution>> batch in Leo.Executions.ChangeSelectedAsync(
            ExecutionDatabase.MoveTo(ExecutionStatus.Cancelled), pending, 2, Context, CancellationToken.None))
        {
            cancelled.AddRange(batch);
        }

        await AssertAsStoredAsync(AllChanged(cancelled));
        Assert.Equal(5, (await Leo.Executions.MeasureAsync(new MeasureRequest(new ExecutionFilter(), [], null, null), Context, CancellationToken.None)).Sum(m => m.Count));
        IReadOnlyList<RowRemoval> found = await Leo.Executions.FindAsync(new ExecutionFilter(), null, 10, Context, CancellationToken.None);
        AllChanged(await Leo.Executions.RemoveAsync(found, force: false, Bulk.Each, null, Context, CancellationToken.None).OutcomesAsync());
        Assert.Equal(0, await CountAsync());
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Of_a_batch_only_the_rows_that_the_database_refuses_fail(TableKind kind)
    {
        await MakeAsync(kind);
        await Database.RunAsync($"alter table {Stored}.crewai_flow_executions add constraint no_meetings check (execution_key <> 'bad')");
        LeoException error = SingleFailure(await StartAsync(Running, Run("a"), Run("bad"), Run("b")), LeoErrorId.ValueOutOfRange).Error!;
        Assert.Equal("23514", error.SqlState);
        Assert.Equal(2, await CountAsync());
    }

    private static RunStart Run(string? key = null) => ExecutionDatabase.Run(FlowKey, key);

    private Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ClaimAsync(int count) =>
        Leo.Executions.ClaimAllAsync(new RunClaim(Running, count, null, RunValues.None), Context, CancellationToken.None);

    private Task<long> CountAsync() => Database.ScalarAsync<long>($"select count(*) from {Stored}.crewai_flow_executions");

    private Task<string> BeatAsync(Guid id) => Database.ScalarAsync<string>(
        $$"""select metadata #>> '{leopsOwner,beat}' from {{Stored}}.crewai_flow_executions where id = '{{id}}'""");

    private async Task<Guid[]> QueueAsync(int count, string at) => [.. await Database.ColumnAsync<Guid>($"""
        set session_replication_role = replica;
        insert into {Stored}.crewai_flow_executions (flow_id, execution_key, status, started_at)
        select (select id from crewai_flows), 'Q-' || n, 'pending', '{at}'::timestamptz + n * interval '1 second' from generate_series(1, {count}) n
        returning id
        """)];

    private async Task AssertAsStoredAsync(IEnumerable<FlowExecution> rows)
    {
        List<FlowExecution> shown = [.. rows.OrderBy(r => r.Id)];
        List<FlowExecution> there = await ReadRunsAsync([.. shown.Select(r => r.Id)]);
        Assert.Equal(there.OrderBy(r => r.Id).Select(ExecutionJson.Line), shown.Select(ExecutionJson.Line));
    }
}
