using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>All rows or none.</summary>
public sealed class AtomicTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    [PostgresTheory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(1000)]
    [InlineData(5000)]
    public async Task All_rows_change_in_one_transaction_and_come_in_the_order_given(int batchSize)
    {
        await Database.InsertAsync(batchSize == 1 ? 50 : 2500);
        HandoffPreparation[] rows = [.. (await Database.ReadAsync()).OrderBy(_ => Guid.NewGuid())];
        BulkResult<HandoffPreparation> result = await ApplyAsync(rows.Select(HandoffDatabase.Of), batchSize: batchSize);
        Assert.True(result.Committed);
        Assert.Equal(rows, result.Outcomes.Select(o => o.Source));
        AssertEach.Of(result.Outcomes, o => Assert.Equal((OutcomeKind.Changed, HandoffStatus.Sent), (o.Kind, o.Row!.Status)));
        Assert.Equal(rows.Select(r => r.Id), result.Outcomes.Select(o => o.Row!.Id));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(distinct updated_at) from exec_handoff_preparations"));
        // What came out can be moved on: its version is the committed row's.
        Assert.True((await ApplyAsync(result.Outcomes.Select(o => HandoffDatabase.Of(o.Row!)), HandoffStatus.Accepted)).Committed);
    }

    [PostgresFact]
    public async Task One_bad_row_among_many_leaves_all_as_they_were()
    {
        List<Guid> ids = await Database.InsertAsync(1500);
        string before = await Database.FingerprintAsync();
        var missing = Guid.NewGuid();
        BulkResult<HandoffPreparation> result = await ApplyAsync([.. ids[..700].Select(HandoffDatabase.Of), HandoffDatabase.Of(missing), .. ids[700..].Select(HandoffDatabase.Of)]);
        Assert.False(result.Committed);
        ChangeOutcome<HandoffPreparation> failed = Assert.Single(result.Outcomes, o => o.Kind == OutcomeKind.Failed);
        Assert.Equal((LeoErrorId.NotFound, missing), (failed.Error!.ErrorId, failed.Source));
        Assert.Equal(before, await Database.FingerprintAsync());
        Assert.Equal(0, await Database.RunningAsync());
    }

    [PostgresFact]
    public async Task Savepoints_find_every_bad_row_of_whatever_kind()
    {
        List<Guid> ids = await Database.InsertAsync(400);
        List<HandoffPreparation> rows = await Database.ReadAsync();
        Guid[] refused = [ids[0], ids[150], ids[151], ids[399]];
        await Database.RunAsync($"""
            update exec_handoff_preparations set demo_url = 'moved' where id = '{ids[10]}';
            update exec_handoff_preparations set handoff_status = 'accepted' where id = '{ids[20]}';
            create function meddle() returns trigger language plpgsql as $$ begin
              if new.id = any('{"{"}{string.Join(',', refused)}{"}"}') then raise exception 'no'; end if; return new;
            end $$;
            create trigger meddle before update on exec_handoff_preparations for each row execute function meddle()
            """);
        string before = await Database.FingerprintAsync();
        StatusChange<HandoffPreparation>[] changes = [.. rows.Select((r, i) => i == 20 ? HandoffDatabase.Of(r.Id) : HandoffDatabase.Of(r)).Reverse()];
        BulkResult<HandoffPreparation> result = await ApplyAsync(changes, batchSize: 130);
        Assert.False(result.Committed);
        Dictionary<Guid, LeoErrorId> failed = changes.Zip(result.Outcomes).Where(p => p.Second.Kind == OutcomeKind.Failed).ToDictionary(p => p.First.Id, p => p.Second.Error!.ErrorId);
        Dictionary<Guid, LeoErrorId> expected = refused.ToDictionary(id => id, _ => LeoErrorId.Forbidden);
        expected[ids[10]] = LeoErrorId.StatusConflict;
        expected[ids[20]] = LeoErrorId.InvalidTransition;
        Assert.Equal(expected.OrderBy(p => p.Key), failed.OrderBy(p => p.Key));
        Assert.Equal(changes.Select(c => c.Source), result.Outcomes.Select(o => o.Source));
        Assert.Equal(before, await Database.FingerprintAsync());
    }

    [PostgresFact]
    public async Task A_held_row_is_RowLocked_and_nothing_is_changed()
    {
        List<Guid> ids = await Database.InsertAsync(300);
        string before = await Database.FingerprintAsync();
        await using (await Database.HoldAsync(ids[5], ids[250]))
        {
            BulkResult<HandoffPreparation> result = await ApplyAsync(ids.Select(HandoffDatabase.Of), batchSize: 100, context: Waiting(TimeSpan.FromMilliseconds(200)));
            Assert.False(result.Committed);
            Assert.Equal([ids[5], ids[250]], result.Outcomes.Where(o => o.Kind == OutcomeKind.Failed).Select(o => (Guid)o.Source!));
            AssertEach.Of(result.Outcomes.Where(o => o.Kind == OutcomeKind.Failed), o => Assert.Equal(LeoErrorId.RowLocked, o.Error!.ErrorId));
        }

        Assert.Equal(before, await Database.FingerprintAsync());
    }

    [PostgresFact]
    public async Task Rows_already_there_do_not_stand_in_the_way()
    {
        List<Guid> ids = await Database.InsertAsync(4);
        await Database.RunAsync($"update exec_handoff_preparations set handoff_status = 'sent' where id = '{ids[2]}'");
        BulkResult<HandoffPreparation> result = await ApplyAsync(ids.Select(HandoffDatabase.Of));
        Assert.True(result.Committed);
        Assert.Equal([OutcomeKind.Changed, OutcomeKind.Changed, OutcomeKind.Unchanged, OutcomeKind.Changed], result.Outcomes.Select(o => o.Kind));
    }

    [PostgresFact]
    public async Task Nothing_shows_before_the_commit_and_a_deferred_refusal_undoes_all()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await Database.RunAsync("""
            create function late() returns trigger language plpgsql as $$ begin raise exception 'at the commit' using errcode = '23514'; end $$;
            create constraint trigger late after update on exec_handoff_preparations deferrable initially deferred for each row execute function late()
            """);
        string before = await Database.FingerprintAsync();
        BulkResult<HandoffPreparation> result = await ApplyAsync(ids.Select(HandoffDatabase.Of));
        Assert.False(result.Committed);
        AssertEach.Of(
            result.Outcomes.Where(o => o.Error is not null),
            o => Assert.Equal((LeoErrorId.ValueOutOfRange, "23514"), (o.Error!.ErrorId, o.Error.SqlState)));
        Assert.Equal(before, await Database.FingerprintAsync());
    }

    [PostgresFact]
    public async Task Opposed_atomic_changes_do_not_deadlock()
    {
        List<Guid> ids = await Database.InsertAsync(2000);
        await using ILeoDatabase other = await Database.OpenAsync(s => s);
        Task<BulkResult<HandoffPreparation>> forward = Task.Run(() => ApplyAsync(ids.Select(HandoffDatabase.Of), batchSize: 250));
        BulkResult<HandoffPreparation> second = await other.Handoffs.ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), [.. Enumerable.Reverse(ids).Select(HandoffDatabase.Of)], new BulkOptions(250, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        BulkResult<HandoffPreparation> first = await forward;
        // One has changed all of them, the other found all of them there already.
        Assert.True(first.Committed && second.Committed);
        Assert.Equal(
            [(2000, 0), (0, 2000)],
            new[] { first, second }.Select(r => (r.Outcomes.Count(o => o.Kind == OutcomeKind.Changed), r.Outcomes.Count(o => o.Kind == OutcomeKind.Unchanged))).OrderDescending());
    }

    [PostgresFact]
    public async Task Cancelling_in_the_middle_undoes_all()
    {
        List<Guid> ids = await Database.InsertAsync(1000);
        string before = await Database.FingerprintAsync();
        await using NpgsqlConnection holder = await Database.HoldAsync(ids[900]);
        using var stop = new CancellationTokenSource();
        Task<BulkResult<HandoffPreparation>> change = Task.Run(() => Store.ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), [.. ids.Select(HandoffDatabase.Of)], new BulkOptions(100, IsAtomic: true), HandoffDatabase.Context, stop.Token));
        await Database.WaitUntilRunningAsync(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => change);
        Assert.Equal(0, await Database.RunningAsync());
        Assert.Equal(before, await Database.FingerprintAsync());
    }

    private Task<BulkResult<HandoffPreparation>> ApplyAsync(
        IEnumerable<StatusChange<HandoffPreparation>> changes, HandoffStatus to = HandoffStatus.Sent, int batchSize = 1000, CallContext? context = null) =>
        Store.ChangeAsync(HandoffDatabase.MoveTo(to), [.. changes], new BulkOptions(batchSize, IsAtomic: true), context ?? HandoffDatabase.Context, CancellationToken.None);
}
