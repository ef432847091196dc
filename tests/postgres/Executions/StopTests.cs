using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.Postgres.Owners;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Runs that a filter selects on the server, and that are stopped: the old ones, and those whose owner is gone.</summary>
public sealed class StopTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private const string Orphan = """jsonb_build_object('leopsOwner', jsonb_build_object('evidence', 'Lock', 'host', 'elsewhere', 'pid', 7, 'startedAt', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))""";

    private static readonly StatusMove<ExecutionStatus> GiveUp = ExecutionDatabase.MoveTo(ExecutionStatus.Timeout);

    private static StatusMove<ExecutionStatus> Cancel => new(ExecutionTransitions.Table, ExecutionStatus.Cancelled, false, "too\n old");

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_old_is_stopped_however_old_it_is_and_what_is_not_goes_on(bool atomic)
    {
        const string Age = "now() - case n when 1 then interval '2 hours' when 2 then interval '60 days' when 3 then interval '1 minute' end";
        List<Guid> running = await Database.InsertAsync(3, "running", ("started_at", Age), ("id", "('00000000-0000-0000-0000-00000000000' || n)::uuid"));
        List<Guid> pending = await Database.InsertAsync(3, "pending", ("started_at", Age), ("id", "('00000000-0000-0000-0000-00000000001' || n)::uuid"));
        await Database.InsertAsync(2, "completed", ("started_at", Age));
        await Database.InsertAsync(1, "running", ("started_at", "null"));
        var filter = new ExecutionFilter { OlderThan = TimeSpan.FromHours(1) };
        Assert.Equal(4, await Store.CountAsync(filter with { Statuses = [ExecutionStatus.Pending, ExecutionStatus.Running] }, ExecutionDatabase.Context, CancellationToken.None));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StopAsync(Cancel, filter, atomic);
        Assert.Equal([running[0], running[1], pending[0], pending[1]], outcomes.Select(o => o.Row!.Id));
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, ExecutionStatus.Cancelled, "too old", null), (o.Kind, o.Row!.Status, o.Row.ErrorMessage, o.Row.ErrorType)));
        Assert.Equal([false, true, false, true], outcomes.Select(o => o.Note is not null));
        await AssertAsInTableAsync(outcomes);
        // As timeouts only what runs, and from the far past nothing that the server could not compare with.
        Assert.Empty(await StopAsync(GiveUp, new ExecutionFilter { OlderThan = TimeSpan.MaxValue }, atomic));
        Assert.Equal([running[2]], (await StopAsync(GiveUp, new ExecutionFilter { OlderThan = TimeSpan.FromSeconds(30) }, atomic)).Select(o => o.Row!.Id));
        Assert.Equal([pending[2]], (await StopAsync(Cancel, new ExecutionFilter { OlderThan = TimeSpan.Zero, FlowKeys = ["base-*"] }, atomic)).Select(o => o.Row!.Id));
    }

    [PostgresFact]
    public async Task The_selection_goes_batch_by_batch_and_the_next_one_only_when_it_is_asked_for()
    {
        await Database.InsertAsync(7, "running", ("started_at", "now() - interval '2 hours'"));
        await using IAsyncEnumerator<IReadOnlyList<ChangeOutcome<FlowExecution>>> batches =
            Store.ChangeSelectedAsync(GiveUp, new ExecutionFilter { OlderThan = TimeSpan.FromHours(1) }, 3, ExecutionDatabase.Context, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await batches.MoveNextAsync());
        Assert.Equal(3, batches.Current.Count);
        Assert.Equal(4, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'running'"));
    }

    [PostgresFact]
    public async Task What_ends_between_its_selection_and_its_turn_is_left_out_without_an_error()
    {
        List<Guid> ids = await Database.InsertAsync(4, "running", ("started_at", "now() - interval '2 hours'"));
        await using IAsyncEnumerator<IReadOnlyList<ChangeOutcome<FlowExecution>>> batches =
            Store.ChangeSelectedAsync(GiveUp, new ExecutionFilter { OlderThan = TimeSpan.FromHours(1) }, 1, ExecutionDatabase.Context, CancellationToken.None).GetAsyncEnumerator();
        await batches.MoveNextAsync();
        await Database.RunAsync($"update crewai_flow_executions set status = 'completed', completed_at = now() where id = '{ids[1]}'; delete from crewai_flow_executions where id = '{ids[2]}'");
        var rest = new List<ChangeOutcome<FlowExecution>>();
        while (await batches.MoveNextAsync())
        {
            rest.AddRange(batches.Current);
        }

        Assert.Equal([ids[3]], rest.Select(o => o.Row!.Id));
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Orphans_are_stopped_with_the_fate_of_their_owner_and_the_living_are_not(bool atomic)
    {
        List<Guid> orphans = await Database.InsertAsync(3, "running", ("started_at", "now()"), ("metadata", Orphan));
        Guid old = (await Database.InsertAsync(1, "running", ("started_at", "'2020-01-01Z'"), ("metadata", Orphan.Replace("now()", "'2020-01-01Z'::timestamptz", StringComparison.Ordinal))))[0];
        await Database.InsertAsync(2, "running", ("started_at", "now() - interval '5 days'"));
        await Database.InsertAsync(2, "pending");
        IReadOnlyList<ChangeOutcome<FlowExecution>> claimed = await Store.ClaimAllAsync(new RunClaim(ExecutionDatabase.Starting(), 2, null, RunValues.None), ExecutionDatabase.Context, CancellationToken.None);
        // Whose row began before the server did is left alone for a while.
        await Task.Delay(await Database.ScalarAsync<int>("select greatest(0, 11000 - round(extract(epoch from now() - pg_postmaster_start_time()) * 1000))::integer"));
        Assert.Equal(4, await Store.CountAsync(new ExecutionFilter { Orphaned = true }, ExecutionDatabase.Context, CancellationToken.None));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StopAsync(GiveUp, new ExecutionFilter { Orphaned = true }, atomic);
        Assert.Equal(orphans.Append(old).Order(), outcomes.Select(o => o.Row!.Id).Order());
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, ExecutionStatus.Timeout, "The owner of the run, process 7 on elsewhere, is gone (Lock)."), (o.Kind, o.Row!.Status, o.Row.ErrorMessage)));
        Assert.Equal(4, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'running'"));
        AssertEach.Of(claimed, c => Assert.Null(Store.FindOwned(c.Row!.Id)!.End));
        Assert.Empty(await StopAsync(GiveUp, new ExecutionFilter { Orphaned = true }, atomic));
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_owner_that_is_back_between_the_look_and_the_stop_keeps_its_run(bool atomic)
    {
        List<Guid> ids = await Database.InsertAsync(2, "running", ("started_at", "now()"), ("metadata", Orphan));
        await using NpgsqlConnection owner = await Database.ConnectAsync();
        var back = false;
        CallContext context = ExecutionDatabase.Context with
        {
            Log = line =>
            {
                // The second look is over, and the update is to come.
                if (line.StartsWith("read", StringComparison.Ordinal) && !back)
                {
                    back = true;
                    using var take = new NpgsqlCommand($"select pg_advisory_lock({OwnerSql.LockOf($"'{ids[0]}'::uuid")})", owner);
                    take.ExecuteNonQuery();
                }
            },
        };
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StopAsync(GiveUp, new ExecutionFilter { Orphaned = true }, atomic, context: context);
        Assert.True(back);
        Assert.Equal([(ids[1], OutcomeKind.Changed)], outcomes.Select(o => (o.Row!.Id, o.Kind)));
        Assert.Equal("running", await Database.ScalarAsync<string>($"select status from crewai_flow_executions where id = '{ids[0]}'"));
    }

    [PostgresFact]
    public async Task Reaping_without_the_right_to_is_Forbidden_and_what_somebody_holds_is_RowLocked()
    {
        var user = Guid.Parse("00000000-0000-0000-0000-00000000000a");
        List<Guid> ids = await Database.InsertAsync(2, "running", ("started_at", "now()"), ("metadata", Orphan), ("executed_by", $"'{user}'"));
        await using (ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", user))
        {
            foreach (bool atomic in new[] { false, true })
            {
                IReadOnlyList<ChangeOutcome<FlowExecution>> refused = await StopAsync(GiveUp, new ExecutionFilter { Orphaned = true }, atomic, member.Executions);
                Assert.Equal([LeoErrorId.Forbidden, LeoErrorId.Forbidden], refused.Select(o => o.Error?.ErrorId));
            }

            Assert.Equal([LeoErrorId.Forbidden, LeoErrorId.Forbidden], (await StopAsync(GiveUp, new ExecutionFilter { OlderThan = TimeSpan.Zero }, false, member.Executions)).Select(o => o.Error?.ErrorId));
        }

        await using NpgsqlConnection holder = await Database.HoldAsync(ids[0]);
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StopAsync(GiveUp, new ExecutionFilter { Orphaned = true }, false);
        Assert.Equal([(null, OutcomeKind.Changed), (LeoErrorId.RowLocked, OutcomeKind.Failed)], outcomes.Select(o => (o.Error?.ErrorId, o.Kind)).OrderBy(o => o.ErrorId is null ? 0 : 1));
    }

    private async Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> StopAsync(
        StatusMove<ExecutionStatus> move, ExecutionFilter filter, bool atomic, IExecutionStore? store = null, CallContext? context = null)
    {
        store ??= Store;
        context ??= ExecutionDatabase.Context;
        if (atomic)
        {
            return (await store.ChangeSelectedAtomicallyAsync(move, filter, 1000, context, CancellationToken.None)).Outcomes;
        }

        var outcomes = new List<ChangeOutcome<FlowExecution>>();
        await foreach (IReadOnlyList<ChangeOutcome<FlowExecution>> batch in store.ChangeSelectedAsync(move, filter, 1000, context, CancellationToken.None))
        {
            outcomes.AddRange(batch);
        }

        return outcomes;
    }
}
