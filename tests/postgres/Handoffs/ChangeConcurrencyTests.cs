using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Two that move the same rows.</summary>
public sealed class ChangeConcurrencyTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private const int Rows = 5000;
    private const int Rounds = 4;

    [PostgresTheory]
    [InlineData("read committed")]
    [InlineData("serializable")]
    public async Task Opposite_orders_move_each_row_once_and_tell_every_loser(string isolation)
    {
        await Database.RunAsync($"do $$ begin execute format('alter database %I set default_transaction_isolation to %L', current_database(), '{isolation}'); end $$");
        await Database.InsertAsync(Rows);
        await using ILeoDatabase one = await Database.OpenAsync(s => s);
        await using ILeoDatabase two = await Database.OpenAsync(s => s);
        var logs = new List<string>();
        CallContext context = HandoffDatabase.Context with { Log = line => { lock (logs) { logs.Add(line); } } };
        for (int round = 0; round < Rounds; round++)
        {
            List<HandoffPreparation> rows = await Database.ReadAsync();
            HandoffStatus to = rows[0].Status == HandoffStatus.Ready ? HandoffStatus.Preparing : HandoffStatus.Ready;
            Task<List<ChangeOutcome<HandoffPreparation>>> forward = Task.Run(() => PipeAsync(one, to, rows, context));
            Task<List<ChangeOutcome<HandoffPreparation>>> backward = Task.Run(() => PipeAsync(two, to, Enumerable.Reverse(rows), context));
            List<ChangeOutcome<HandoffPreparation>> first = await forward;
            List<ChangeOutcome<HandoffPreparation>> second = Enumerable.Reverse(await backward).ToList();
            Dictionary<Guid, HandoffPreparation> now = (await Database.ReadAsync()).ToDictionary(r => r.Id);
            for (int i = 0; i < Rows; i++)
            {
                ChangeOutcome<HandoffPreparation>[] both = [first[i], second[i]];
                ChangeOutcome<HandoffPreparation> winner = Assert.Single(both, o => o.Kind == OutcomeKind.Changed);
                Assert.Equal(LeoErrorId.StatusConflict, Assert.Single(both, o => o != winner).Error?.ErrorId);
                Assert.Same(rows[i], winner.Source);
                Assert.Equal((to, now[rows[i].Id].RowVersion), (winner.Row!.Status, winner.Row.RowVersion));
            }
        }
    }

    [PostgresFact]
    public async Task Opposed_ids_change_once_and_are_there_already_for_the_other()
    {
        List<Guid> ids = await Database.InsertAsync(2000);
        await using ILeoDatabase other = await Database.OpenAsync(s => s);
        Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> forward = Task.Run(() => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of)));
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> second =
            await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), Enumerable.Reverse(ids).Select(HandoffDatabase.Of), store: other.Handoffs);
        foreach ((ChangeOutcome<HandoffPreparation> a, ChangeOutcome<HandoffPreparation> b) in (await forward).Zip(Enumerable.Reverse(second)))
        {
            Assert.Equal([OutcomeKind.Changed, OutcomeKind.Unchanged], new[] { a.Kind, b.Kind }.Order());
        }
    }

    [PostgresFact]
    public async Task A_deadlock_with_a_strangers_transaction_does_not_reach_the_caller()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        await Database.RunAsync("cluster exec_handoff_preparations using exec_handoff_preparations_pkey");
        var logs = new List<string>();
        await using NpgsqlConnection stranger = await Database.HoldAsync(ids[1]);
        // Ours takes the first row and waits for the second; then the stranger wants the first.
        Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> change = Task.Run(() => ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of), HandoffDatabase.Context with { Log = logs.Add }));
        await Database.WaitUntilRunningAsync(1);
        await using (var patience = new NpgsqlCommand("set local deadlock_timeout = '60s'", stranger))
        {
            await patience.ExecuteNonQueryAsync();
            patience.CommandText = $"select from exec_handoff_preparations where id = '{ids[0]}' for update";
            await patience.ExecuteNonQueryAsync();
            patience.CommandText = "commit";
            await patience.ExecuteNonQueryAsync();
        }

        AssertEach.Of(await change, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Contains(logs, l => l.Contains("40P01", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_serialization_failure_is_repeated()
    {
        List<Guid> ids = await Database.InsertAsync(5);
        await FailOnceAsync();
        var logs = new List<string>();
        AssertEach.Of(
            await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of), HandoffDatabase.Context with { Log = logs.Add }),
            o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Contains(logs, l => l.Contains("40001", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task Atomically_a_serialization_failure_is_repeated_with_the_whole_transaction()
    {
        List<Guid> ids = await Database.InsertAsync(5);
        await FailOnceAsync();
        BulkResult<HandoffPreparation> result = await Store.ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), [.. ids.Select(HandoffDatabase.Of)], new BulkOptions(2, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None);
        Assert.True(result.Committed);
        AssertEach.Of(result.Outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.True(await Database.ScalarAsync<bool>("select last_value > 5 from attempts"));
    }

    /// <summary>The third row that is updated fails with a serialization failure; a sequence is not rolled back, so the next attempt succeeds.</summary>
    private Task FailOnceAsync() => Database.RunAsync("""
        create sequence attempts;
        create function fail_once() returns trigger language plpgsql as $$
        begin
            if nextval('attempts') = 3 then raise exception 'could not serialize' using errcode = '40001'; end if;
            return new;
        end $$;
        create trigger fail_once before update on exec_handoff_preparations for each row execute function fail_once()
        """);

    /// <summary>As the cmdlet does it: in batches, several on their way.</summary>
    private static Task<List<ChangeOutcome<HandoffPreparation>>> PipeAsync(ILeoDatabase database, HandoffStatus to, IEnumerable<HandoffPreparation> rows, CallContext context)
    {
        using var pipeline = new ChangePipeline<StatusChange<HandoffPreparation>, HandoffPreparation>(
            (batch, token) => database.Handoffs.ChangeAsync(HandoffDatabase.MoveTo(to), batch, Bulk.Each, context, token).OutcomesAsync(), new ChangePipelineOptions { Noun = "handoff" }, CancellationToken.None);
        var outcomes = new List<ChangeOutcome<HandoffPreparation>>();
        foreach (HandoffPreparation row in rows)
        {
            pipeline.Add(HandoffDatabase.Of(row));
            outcomes.AddRange(pipeline.TakeFinished().SelectMany(b => b.Outcomes));
        }

        outcomes.AddRange(pipeline.Complete().SelectMany(b => b.Outcomes));
        return Task.FromResult(outcomes);
    }
}
