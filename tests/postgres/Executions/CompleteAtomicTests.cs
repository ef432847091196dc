using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Executions;

/// <summary>All completions or none.</summary>
public sealed class CompleteAtomicTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    [PostgresTheory]
    [InlineData(1, 20)]
    [InlineData(300, 1000)]
    public async Task All_change_in_one_transaction_and_come_in_the_order_given(int batchSize, int count)
    {
        await Database.InsertAsync(count);
        FlowExecution[] rows = [.. (await Database.ReadAsync()).OrderBy(_ => Guid.NewGuid())];
        BulkResult<FlowExecution> result = await ChangeAtomicallyAsync(
            Complete, rows.Select((r, i) => i % 3 == 0 ? ExecutionDatabase.Of(r.Id) : ExecutionDatabase.Of(r, new RunValues { TokenCount = i })), batchSize);
        Assert.True(result.Committed);
        Assert.Equal(rows.Select(r => r.Id), result.Outcomes.Select(o => o.Row!.Id));
        AssertEach.Of(result.Outcomes.Select((o, i) => (o, i)), p => Assert.Equal((OutcomeKind.Changed, p.i % 3 == 0 ? null : p.i), (p.o.Kind, p.o.Row!.TokenCount)));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(distinct completed_at) from crewai_flow_executions"));
        await AssertAsInTableAsync(result.Outcomes);
    }

    [PostgresFact]
    public async Task Every_bad_row_is_told_by_its_own_error_and_nothing_changes()
    {
        List<Guid> ids = await Database.InsertAsync(400);
        List<FlowExecution> rows = await Database.ReadAsync();
        Guid[] refused = [ids[0], ids[150], ids[151], ids[399]];
        await Database.RunAsync($"""
            update crewai_flow_executions set token_count = 5 where id = '{ids[10]}';
            update crewai_flow_executions set status = 'cancelled' where id = '{ids[20]}';
            create function meddle() returns trigger language plpgsql as $$ begin
              if new.id = any('{"{"}{string.Join(',', refused)}{"}"}') then raise exception 'no'; end if; return new;
            end $$;
            create trigger meddle before update on crewai_flow_executions for each row execute function meddle()
            """);
        string before = await Database.FingerprintAsync();
        ExecutionChange[] changes = [.. rows.Select((r, i) => i == 20 ? ExecutionDatabase.Of(r.Id) : ExecutionDatabase.Of(r)).Append(ExecutionDatabase.Of(Guid.Empty)).Reverse()];
        BulkResult<FlowExecution> result = await ChangeAtomicallyAsync(Complete, changes, batchSize: 130);
        Assert.False(result.Committed);
        Dictionary<Guid, LeoErrorId> failed = changes.Zip(result.Outcomes).Where(p => p.Second.Kind == OutcomeKind.Failed).ToDictionary(p => p.First.Id, p => p.Second.Error!.ErrorId);
        Dictionary<Guid, LeoErrorId> expected = refused.ToDictionary(id => id, _ => LeoErrorId.Forbidden);
        expected[ids[10]] = LeoErrorId.StatusConflict;
        expected[ids[20]] = LeoErrorId.InvalidTransition;
        expected[Guid.Empty] = LeoErrorId.NotFound;
        Assert.Equal(expected.OrderBy(p => p.Key), failed.OrderBy(p => p.Key));
        Assert.Equal(changes.Select(c => c.Source), result.Outcomes.Select(o => o.Source));
        Assert.Equal(before, await Database.FingerprintAsync());
        Assert.Equal(0, await Database.RunningAsync());
    }

    [PostgresFact]
    public async Task A_held_row_is_RowLocked_and_nothing_is_changed()
    {
        List<Guid> ids = await Database.InsertAsync(30);
        string before = await Database.FingerprintAsync();
        await using (await Database.HoldAsync(ids[5], ids[25]))
        {
            BulkResult<FlowExecution> result = await ChangeAtomicallyAsync(Complete, ids.Select(i => ExecutionDatabase.Of(i)), batchSize: 10, context: Waiting(TimeSpan.FromMilliseconds(100)));
            Assert.False(result.Committed);
            Assert.Equal(
                [(ids[5], LeoErrorId.RowLocked), (ids[25], LeoErrorId.RowLocked)],
                result.Outcomes.Where(o => o.Kind == OutcomeKind.Failed).Select(o => ((Guid)o.Source!, o.Error!.ErrorId)));
        }

        Assert.Equal(before, await Database.FingerprintAsync());
    }

    [PostgresFact]
    public async Task Rows_that_come_free_during_the_wait_are_judged_by_what_they_are_then()
    {
        List<Guid> ids = await Database.InsertAsync(4);
        List<FlowExecution> rows = await Database.ReadAsync();
        await using NpgsqlConnection holder = await Database.HoldAsync([.. ids]);
        Task<BulkResult<FlowExecution>> change = Task.Run(() => ChangeAtomicallyAsync(
            Complete, [ExecutionDatabase.Of(rows[0]), ExecutionDatabase.Of(rows[1]), ExecutionDatabase.Of(ids[2]), ExecutionDatabase.Of(ids[3])]));
        await Database.WaitUntilRunningAsync(1);
        await using var command = new NpgsqlCommand(
            $"""
            update crewai_flow_executions set token_count = 5 where id in ('{ids[1]}', '{ids[3]}');
            update crewai_flow_executions set status = 'failed' where id = '{ids[2]}';
            commit
            """,
            holder);
        await command.ExecuteNonQueryAsync();
        BulkResult<FlowExecution> result = await change;
        Assert.False(result.Committed);
        Assert.Equal([null, LeoErrorId.StatusConflict, LeoErrorId.InvalidTransition, null], result.Outcomes.Select(o => o.Error?.ErrorId));
        Assert.Equal(5, result.Outcomes[3].Row!.TokenCount);
    }

    [PostgresFact]
    public async Task Opposed_transactions_do_not_deadlock()
    {
        List<Guid> ids = await Database.InsertAsync(1000);
        await using ILeoDatabase other = await Database.OpenAsync(s => s);
        Task<BulkResult<FlowExecution>> forward = Task.Run(() => ChangeAtomicallyAsync(Complete, ids.Select(i => ExecutionDatabase.Of(i)), batchSize: 125));
        BulkResult<FlowExecution> second = await ChangeAtomicallyAsync(Complete, Enumerable.Reverse(ids).Select(i => ExecutionDatabase.Of(i)), batchSize: 125, store: other.Executions);
        BulkResult<FlowExecution> first = await forward;
        // One has changed all of them, the other found all of them there already.
        Assert.True(first.Committed && second.Committed);
        Assert.Equal([0, 1000], new[] { first, second }.Select(r => r.Outcomes.Count(o => o.Kind == OutcomeKind.Changed)).Order());
    }

    [PostgresFact]
    public async Task A_serialization_failure_is_repeated_with_the_whole_transaction()
    {
        await Database.RunAsync("do $$ begin execute format('alter database %I set default_transaction_isolation to serializable', current_database()); end $$");
        List<Guid> ids = await Database.InsertAsync(5);
        await using ILeoDatabase strict = await Database.OpenAsync(s => s);
        await using NpgsqlConnection holder = await Database.ConnectAsync();
        await using var command = new NpgsqlCommand($"begin isolation level read committed; update crewai_flow_executions set token_count = 5 where id = '{ids[2]}'", holder);
        await command.ExecuteNonQueryAsync();
        Task<BulkResult<FlowExecution>> change = Task.Run(() => ChangeAtomicallyAsync(Complete, ids.Select(i => ExecutionDatabase.Of(i)), batchSize: 2, store: strict.Executions));
        await Database.WaitUntilRunningAsync(1);
        command.CommandText = "commit";
        await command.ExecuteNonQueryAsync();
        BulkResult<FlowExecution> result = await change;
        Assert.True(result.Committed);
        Assert.Equal(5, result.Outcomes.Single(o => o.Row!.Id == ids[2]).Row!.TokenCount);
    }
}
