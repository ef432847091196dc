using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Many calls in one transaction: what lasts, and what a failure or a stop in the middle leaves usable.</summary>
public sealed class TransactionTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private static readonly StatusMove<HandoffStatus> _send = HandoffDatabase.MoveTo(HandoffStatus.Sent);

    [PostgresFact]
    public async Task Without_a_commit_nothing_lasts()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await using (ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None))
        {
            AssertEach.Of(await SendAsync(transaction, ids), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
            Assert.Equal(3, await SentAsync(transaction.Database));
            Assert.Equal(0, await SentAsync(Database.Database));
        }

        Assert.Equal(0, await SentAsync(Database.Database));
        Assert.Equal(0, await Database.RunningAsync());
    }

    [PostgresFact]
    public async Task A_commit_makes_all_of_it_last_at_one_time()
    {
        List<Guid> ids = await Database.InsertAsync(4);
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        await SendAsync(transaction, ids[..2]);
        await SendAsync(transaction, ids[2..]);
        await transaction.CommitAsync();
        Assert.Equal(4, await SentAsync(Database.Database));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(distinct sent_at) from exec_handoff_preparations"));
    }

    [PostgresFact]
    public async Task Each_call_has_its_own_settings()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        await Database.RunAsync("""
            create table witness (caller text, waits text);
            create function witness() returns trigger language plpgsql as $$ begin
              insert into witness values (current_setting('application_name'), current_setting('lock_timeout')); return new;
            end $$;
            create trigger witness before update on exec_handoff_preparations for each row execute function witness()
            """);
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        foreach ((string caller, int seconds, Guid id) in new[] { ("First", 3, ids[0]), ("Second", 4, ids[1]) })
        {
            var context = new CallContext(caller, TimeSpan.FromSeconds(seconds), null, null);
            await transaction.Database.Handoffs.ChangeAsync(_send, [HandoffDatabase.Of(id)], Bulk.Each, context, CancellationToken.None).OutcomesAsync();
        }

        await transaction.CommitAsync();
        Assert.Equal("First 3s, Second 4s", await Database.ScalarAsync<string>("select string_agg(substring(caller from '[A-Z][a-z]+$') || ' ' || waits, ', ' order by waits) from witness"));
    }

    [PostgresFact]
    public async Task A_call_that_is_stopped_leaves_the_transaction_usable()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await Database.RunAsync($"""
            create function dawdle() returns trigger language plpgsql as $$ begin
              if new.id = '{ids[1]}' then perform pg_sleep(30); end if; return new;
            end $$;
            create trigger dawdle before update on exec_handoff_preparations for each row execute function dawdle()
            """);
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        await SendAsync(transaction, ids[..1]);
        using var stop = new CancellationTokenSource();
        Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> slow =
            transaction.Database.Handoffs.ChangeAsync(_send, [HandoffDatabase.Of(ids[1])], Bulk.Each, HandoffDatabase.Context, stop.Token).OutcomesAsync();
        await Database.WaitUntilRunningAsync(1, "wait_event = 'PgSleep'");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        await SendAsync(transaction, ids[2..]);
        await transaction.CommitAsync();
        Assert.Equal(2, await SentAsync(Database.Database));
    }

    [PostgresFact]
    public async Task An_atomic_part_that_fails_takes_back_the_part_alone()
    {
        List<Guid> ids = await Database.InsertAsync(5);
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        await SendAsync(transaction, ids[..1]);
        BulkResult<HandoffPreparation> failed = await transaction.Database.Handoffs.ChangeAsync(
            _send, [HandoffDatabase.Of(ids[1]), HandoffDatabase.Of(Guid.NewGuid())], new BulkOptions(1, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        Assert.False(failed.Committed);
        BulkResult<HandoffPreparation> done = await transaction.Database.Handoffs.ChangeAsync(
            _send, [HandoffDatabase.Of(ids[2]), HandoffDatabase.Of(ids[3])], new BulkOptions(1, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        Assert.True(done.Committed);
        await transaction.CommitAsync();
        Assert.Equal(3, await SentAsync(Database.Database));
    }

    [PostgresFact]
    public async Task Calls_at_the_same_time_take_turns()
    {
        List<Guid> ids = await Database.InsertAsync(40);
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        IEnumerable<Task> calls = ids.Chunk(5).Select(async part =>
        {
            await SendAsync(transaction, part);
            Assert.InRange(await SentAsync(transaction.Database), 5, 40);
        });
        await Task.WhenAll(calls);
        await transaction.CommitAsync();
        Assert.Equal(40, await SentAsync(Database.Database));
    }

    [PostgresFact]
    public async Task There_is_none_inside_another()
    {
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => transaction.Database.BeginAsync(CancellationToken.None));
        Assert.Contains("one Invoke-LeoTransaction", error.Message, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> SendAsync(ILeoTransaction transaction, IEnumerable<Guid> ids) =>
        transaction.Database.Handoffs.ChangeAsync(_send, [.. ids.Select(HandoffDatabase.Of)], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();

    private static Task<long> SentAsync(ILeoDatabase database) =>
        database.Handoffs.CountAsync(new HandoffFilter { Statuses = [HandoffStatus.Sent] }, HandoffDatabase.Context, CancellationToken.None);
}
