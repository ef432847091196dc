using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Connections;

/// <summary>Transactions whose session ends before COMMIT: every further call says so, and nothing is written.</summary>
public sealed class TransactionLossTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private const string Terminate = """
        select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity
        where datname = current_database() and state = 'idle in transaction' and pid <> pg_backend_pid()
        """;

    [PostgresFact]
    public async Task Idle_in_transaction_session_timeout_is_named_with_what_to_do()
    {
        await Database.RunAsync($"alter database \"{Database.Name}\" set idle_in_transaction_session_timeout = '300ms'");
        await using ILeoDatabase timed = await Database.OpenAsync(s => s);
        LeoException error = await LoseAsync(timed, () => Task.Delay(800));

        Assert.Equal("25P03", error.SqlState);
        Assert.Contains("idle_in_transaction_session_timeout", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_session_that_was_terminated_is_named()
    {
        LeoException error = await LoseAsync(Database.Database, () => Database.ScalarAsync<long>(Terminate));
        Assert.Equal("57P01", error.SqlState);
    }

    [PostgresFact]
    public async Task A_network_that_broke_is_named()
    {
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase through = await Database.OpenAsync(proxy);
        LeoException error = await LoseAsync(through, async () =>
        {
            proxy.Break();
            await Task.Delay(100);
        });
        Assert.Null(error.SqlState);
    }

    [PostgresFact]
    public async Task A_session_that_ended_before_COMMIT_was_sent_is_no_doubt()
    {
        List<Guid> ids = await Database.InsertAsync(1);
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        await CompleteAsync(transaction, ids[0]);
        await Database.ScalarAsync<long>(Terminate);

        LeoException error = await Assert.ThrowsAsync<LeoException>(transaction.CommitAsync);
        Assert.Equal(LeoErrorId.TransactionLost, error.ErrorId);
        Assert.Equal("running", await Database.ScalarAsync<string>("select status from crewai_flow_executions"));
    }

    [PostgresFact]
    public async Task An_atomic_change_whose_session_is_terminated_has_written_nothing()
    {
        List<Guid> ids = await Database.InsertAsync(20);
        await using (await Database.HoldAsync(ids[15]))
        {
            Task<BulkResult<FlowExecution>> change = Task.Run(() => ChangeAtomicallyAsync(Complete, ids.Select(id => ExecutionDatabase.Of(id)), batchSize: 10));
            await Database.WaitUntilRunningAsync(1);
            await Database.RunAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
            LeoException error = await Assert.ThrowsAsync<LeoException>(() => change);
            Assert.Equal((LeoErrorId.TransactionLost, "57P01"), (error.ErrorId, error.SqlState));
        }

        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'completed'"));
    }

    private async Task<LeoException> LoseAsync(ILeoDatabase database, Func<Task> lose)
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await using ILeoTransaction transaction = await database.BeginAsync(CancellationToken.None);
        await CompleteAsync(transaction, ids[0]);
        await lose();

        LeoException error = await Assert.ThrowsAsync<LeoException>(() => CompleteAsync(transaction, ids[1]));
        Assert.Equal(LeoErrorId.TransactionLost, error.ErrorId);
        Assert.Contains("rolled back and nothing was written", error.Message, StringComparison.Ordinal);
        foreach (Func<Task> next in new Func<Task>[] { () => CompleteAsync(transaction, ids[2]), () => Database.ReadAsync(null, transaction.Database), transaction.CommitAsync })
        {
            Assert.Equal(error.Message, (await Assert.ThrowsAsync<LeoException>(next)).Message);
        }

        await transaction.RollbackAsync();
        Assert.Equal(3, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'running'"));
        return error;
    }

    private static Task CompleteAsync(ILeoTransaction transaction, Guid id) => transaction.Database.Executions.ChangeAsync(
        Complete, [ExecutionDatabase.Of(id)], Bulk.Each, ExecutionDatabase.Context, CancellationToken.None).OutcomesAsync();
}
