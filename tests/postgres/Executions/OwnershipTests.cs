using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Runs that a process owns: how others can tell, and what the owner hears.</summary>
public sealed class OwnershipTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private const string Locks = "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())";

    private static readonly StatusMove<ExecutionStatus> Cancel = ExecutionDatabase.MoveTo(ExecutionStatus.Cancelled);

    [PostgresFact]
    public async Task Who_claims_a_run_owns_it_until_it_ends_and_the_row_says_who_that_is()
    {
        await Database.InsertAsync(3, "pending", ("metadata", """'{"a": 1}'"""));
        List<FlowExecution> runs = [.. (await ClaimAsync(3)).Select(o => o.Row!)];
        AssertEach.Of(runs, run =>
        {
            Assert.Equal(new RunOwner(Environment.MachineName, Environment.ProcessId, OwnershipEvidence.Lock), RunOwner.Of(run));
            Assert.NotNull(Store.FindOwned(run.Id));
        });
        Assert.True(await Database.ScalarAsync<bool>(
            $$"""select (metadata #>> '{leopsOwner,startedAt}')::timestamptz = started_at and (metadata ? 'queuedAt' and metadata ? 'a') from crewai_flow_executions where id = '{{runs[0].Id}}'"""));
        Assert.Equal(3, await Database.ScalarAsync<long>(Locks));
        // All of them on one session, which is none of the pool.
        Assert.Equal(1, await Database.ScalarAsync<long>($"select count(distinct pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"));
        Assert.Empty(await OrphansAsync());

        // Completing with the object of the claim: the owner has not made it another row meanwhile.
        await ChangeAsync(Complete, [ExecutionDatabase.Of(runs[0])]);
        await ChangeAtomicallyAsync(Cancel, [ExecutionDatabase.Of(runs[1])]);
        Assert.Equal((null, null), (Store.FindOwned(runs[0].Id), Store.FindOwned(runs[1].Id)));
        await WaitUntilAsync(async () => await Database.ScalarAsync<long>(Locks) == 1);
        Store.FindOwned(runs[2].Id)!.Release();
        await WaitUntilAsync(async () => await Database.ScalarAsync<long>(Locks) == 0);
        // Given up, it goes on, and its owner is gone.
        Assert.Equal([(runs[2].Id, OwnershipEvidence.Lock)], await OrphansAsync());
    }

    [PostgresFact]
    public async Task What_fails_on_the_way_leaves_neither_a_run_nor_an_owner()
    {
        List<Guid> ids = await Database.InsertAsync(2, "pending");
        await Database.RunAsync("""
            create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not today'; end $$;
            create trigger refuse before insert or update on crewai_flow_executions for each row execute function refuse()
            """);
        IReadOnlyList<ChangeOutcome<FlowExecution>> refusals = await ClaimAsync(2);
        Assert.Equal(ids.Order(), refusals.Select(r => (Guid)r.Source!).Order());
        AssertEach.Of(refusals, r => Assert.Equal(LeoErrorId.Forbidden, r.Error?.ErrorId));
        OwnedStart refused = await StartOwnedAsync(ExecutionDatabase.Run());
        Assert.Equal((LeoErrorId.Forbidden, null), (refused.Outcome.Error?.ErrorId, refused.Run));
        AssertEach.Of(ids, id => Assert.Null(Store.FindOwned(id)));
        await WaitUntilAsync(async () => await Database.ScalarAsync<long>(Locks) == 0);
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'pending'"));
        // Broken off in the midst, with runs owned before.
        await Database.RunAsync("drop function refuse() cascade");
        OwnedStart before = await StartOwnedAsync(ExecutionDatabase.Run());
        await Database.RunAsync("""
            create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(5); return new; end $$;
            create trigger dawdle before update on crewai_flow_executions for each row execute function dawdle()
            """);
        using (var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500)))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ClaimAllAsync(new RunClaim(ExecutionDatabase.Starting(), 2, null, RunValues.None), ExecutionDatabase.Context, stop.Token));
        }

        await WaitUntilAsync(async () => await Database.ScalarAsync<long>(Locks) == 1);
        Assert.Null(before.Run!.End);
        await Database.RunAsync("drop function dawdle() cascade");
        Assert.Equal(2, (await ClaimAsync(2)).Count);
        Assert.Equal(3, await Database.ScalarAsync<long>(Locks));
    }

    [PostgresFact]
    public async Task A_run_that_was_put_back_into_the_queue_is_owned_once_when_it_is_claimed_again()
    {
        Guid id = (await Database.InsertAsync(1, "pending"))[0];
        await ClaimAsync(1);
        IOwnedRun first = Store.FindOwned(id)!;
        await Database.RunAsync("update crewai_flow_executions set status = 'pending'");
        Assert.Equal([id], (await ClaimAsync(1)).Select(o => o.Row!.Id));
        await WaitUntilAsync(() => Task.FromResult(first.Over.IsCancellationRequested));
        IOwnedRun second = Store.FindOwned(id)!;
        Assert.NotSame(first, second);
        await Task.Delay(TimeSpan.FromMilliseconds(600));
        Assert.Equal((null, 1), (second.End, await Database.ScalarAsync<long>(Locks)));
        await ChangeAsync(Complete, [ExecutionDatabase.Of(id)]);
        await WaitUntilAsync(async () => await Database.ScalarAsync<long>(Locks) == 0);
    }

    [PostgresFact]
    public async Task A_claim_after_the_session_was_lost_without_a_sign_has_a_new_one()
    {
        await Database.InsertAsync(2, "pending");
        Guid id = (await ClaimAsync(1))[0].Row!.Id;
        await ChangeAsync(Complete, [ExecutionDatabase.Of(id)]);
        await WaitUntilAsync(async () => await Database.ScalarAsync<long>(Locks) == 0);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await Database.RunAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'LeoPS/% keeper'");
        Assert.Equal(OutcomeKind.Changed, Assert.Single(await ClaimAsync(1)).Kind);
    }

    [PostgresFact]
    public async Task A_run_whose_lock_somebody_has_is_passed_over_and_the_next_ones_are_taken()
    {
        List<Guid> ids = await Database.InsertAsync(3, "pending", ("id", "('00000000-0000-0000-0000-00000000000' || n)::uuid"), ("started_at", "now() + n * interval '1 second'"));
        await using Npgsql.NpgsqlConnection other = await Database.ConnectAsync();
        await using var take = new Npgsql.NpgsqlCommand($"select pg_advisory_lock({LeoPS.Postgres.Owners.OwnerSql.LockOf($"'{ids[0]}'::uuid")})", other);
        await take.ExecuteNonQueryAsync();
        Assert.Equal([ids[1]], (await ClaimAsync(1)).Select(o => o.Row!.Id));
        Assert.Equal([ids[2]], (await ClaimAsync(2)).Select(o => o.Row!.Id));
        Assert.Empty(await ClaimAsync(1));
    }

    [PostgresFact]
    public async Task A_started_run_is_owned_before_it_can_be_seen_and_keeps_its_metadata()
    {
        OwnedStart start = await StartOwnedAsync(ExecutionDatabase.Run(values: new RunValues { Metadata = """{"a": 1.10}""" }));
        Assert.Equal((OutcomeKind.Changed, start.Outcome.Row!.Id, null), (start.Outcome.Kind, start.Run!.Id, start.Run.End));
        Assert.StartsWith("""{"a": 1.10, "leopsOwner": {""", start.Outcome.Row.RawMetadata, StringComparison.Ordinal);
        await AssertAsInTableAsync([start.Outcome]);
        Assert.Equal(1, await Database.ScalarAsync<long>(Locks));
        Assert.Empty(await OrphansAsync());
    }

    [PostgresFact]
    public async Task A_role_that_could_never_end_the_run_starts_none()
    {
        var user = Guid.Parse("00000000-0000-0000-0000-00000000000a");
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", user);
        OwnedStart start = await StartOwnedAsync(ExecutionDatabase.Run(values: new RunValues { ExecutedBy = user }), member.Executions);
        Assert.Equal((OutcomeKind.Failed, LeoErrorId.Forbidden, null), (start.Outcome.Kind, start.Outcome.Error?.ErrorId, start.Run));
        Assert.Contains("would not be allowed to end it", start.Outcome.Error!.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0), (await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"), await Database.ScalarAsync<int>("select execution_count from crewai_flows")));
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        Assert.Equal(LeoErrorId.DatabaseError, (await Assert.ThrowsAsync<LeoException>(() => StartOwnedAsync(ExecutionDatabase.Run(), transaction.Database.Executions))).ErrorId);
    }

    [PostgresTheory]
    [InlineData("update crewai_flow_executions set status = 'cancelled', completed_at = now()", ExecutionStatus.Cancelled, "somebody moved it to Cancelled")]
    [InlineData("update crewai_flow_executions set status = 'pending'", ExecutionStatus.Pending, "somebody moved it to Pending")]
    [InlineData("delete from crewai_flow_executions", null, "its row is gone")]
    [InlineData("""update crewai_flow_executions set metadata = jsonb_set(metadata, '{leopsOwner,keeper}', '"x"')""", null, "another process owns it now")]
    public async Task The_owner_hears_what_others_do_to_its_run(string sql, ExecutionStatus? status, string why)
    {
        OwnedStart start = await StartOwnedAsync(ExecutionDatabase.Run());
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        Assert.False(start.Run!.Over.IsCancellationRequested);
        await Database.RunAsync(sql);
        await WaitUntilAsync(() => Task.FromResult(start.Run.Over.IsCancellationRequested));
        Assert.Equal(status, start.Run.End!.Status);
        Assert.StartsWith(why, start.Run.End.Why, StringComparison.Ordinal);
        Assert.Null(Store.FindOwned(start.Run.Id));
        await WaitUntilAsync(async () => await Database.ScalarAsync<long>(Locks) == 0);
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_this_very_process_ends_its_holder_hears_at_once_and_what_it_gives_up_it_does_not(bool atomic)
    {
        OwnedStart start = await StartOwnedAsync(ExecutionDatabase.Run());
        ExecutionChange change = ExecutionDatabase.Of(start.Outcome.Row!);
        _ = atomic ? (object)await ChangeAtomicallyAsync(Cancel, [change]) : await ChangeAsync(Cancel, [change]);
        Assert.Equal(ExecutionStatus.Cancelled, start.Run!.End?.Status);
        await Task.Delay(TimeSpan.FromSeconds(5), start.Run.Over).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.True(start.Run.Over.IsCancellationRequested);
        OwnedStart given = await StartOwnedAsync(ExecutionDatabase.Run());
        given.Run!.Release();
        await ChangeAsync(Cancel, [ExecutionDatabase.Of(given.Outcome.Row!)]);
        Assert.Equal((false, null), (given.Run.Over.IsCancellationRequested, given.Run.End));
    }

    [PostgresFact]
    public async Task An_owner_whose_session_is_ended_takes_its_locks_again_and_is_not_found_meanwhile()
    {
        await Database.InsertAsync(20, "pending");
        List<Guid> ids = [.. (await ClaimAsync(20)).Select(o => o.Row!.Id)];
        List<IOwnedRun> owned = ids.ConvertAll(id => Store.FindOwned(id)!);
        for (int i = 0; i < 3; i++)
        {
            int session = await Database.ScalarAsync<int>($"select min(pid) from ({Locks.Replace("count(*)", "pid", StringComparison.Ordinal)}) l");
            await Database.RunAsync($"select pg_terminate_backend({session})");
            // Whether the locks are still there, are gone, or are there again.
            await WaitUntilAsync(async () =>
            {
                Assert.Empty(await OrphansAsync());
                return await Database.ScalarAsync<long>($"{Locks} and pid <> {session}") == 20;
            });
        }

        AssertEach.Of(owned, o => Assert.Equal((false, null), (o.Over.IsCancellationRequested, o.End)));
        // And it still hears.
        await Database.RunAsync($"update crewai_flow_executions set status = 'failed' where id = '{ids[7]}'");
        await WaitUntilAsync(() => Task.FromResult(owned[7].Over.IsCancellationRequested));
    }

    [PostgresFact]
    public async Task An_owner_whose_sessions_have_all_been_ended_ends_its_runs_at_the_first_try()
    {
        await Database.InsertAsync(4, "pending");
        List<FlowExecution> runs = [.. (await ClaimAsync(4)).Select(o => o.Row!)];
        // Several connections idle in the pool, not one.
        await Task.WhenAll(runs.Select(r => Database.ReadAsync(r.Id)));
        int session = await Database.ScalarAsync<int>($"select min(pid) from ({Locks.Replace("count(*)", "pid", StringComparison.Ordinal)}) l");
        await Database.RunAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'LeoPS/%'");
        await WaitUntilAsync(async () => await Database.ScalarAsync<long>($"{Locks} and pid <> {session}") == 4);
        IReadOnlyList<ChangeOutcome<FlowExecution>>[] ended = await Task.WhenAll(runs.Select(r => ChangeAsync(Complete, [ExecutionDatabase.Of(r)])));
        AssertEach.Of(ended, o => Assert.Equal(OutcomeKind.Changed, Assert.Single(o).Kind));
    }

    [PostgresFact]
    public async Task Fifty_threads_own_on_one_session()
    {
        await Database.InsertAsync(500, "pending");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            while (await ClaimAsync(2) is { Count: > 0 } taken)
            {
                await ChangeAsync(Complete, taken.Take(1).Select(o => ExecutionDatabase.Of(o.Row!)));
            }
        })));
        await WaitUntilAsync(async () => await Database.ScalarAsync<long>(Locks) == 250);
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and application_name like 'LeoPS/% keeper'"));
        Assert.Empty(await OrphansAsync());
    }

    private Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> ClaimAsync(int count) =>
        Store.ClaimAllAsync(new RunClaim(ExecutionDatabase.Starting(), count, null, RunValues.None), ExecutionDatabase.Context, CancellationToken.None);

    private Task<OwnedStart> StartOwnedAsync(RunStart start, IExecutionStore? store = null) =>
        (store ?? Store).StartOwnedAsync(ExecutionDatabase.Starting(), start, ExecutionDatabase.Context, CancellationToken.None);

    private async Task<List<(Guid Id, OwnershipEvidence? Evidence)>> OrphansAsync() =>
        (await Database.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { Orphaned = true } })).ConvertAll(r => (r.Id, r.OrphanEvidence));
}
