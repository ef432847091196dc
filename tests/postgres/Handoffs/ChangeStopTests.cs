using System.Diagnostics;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Changes that do not come to their end.</summary>
public sealed class ChangeStopTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private static readonly TimeSpan Quickly = TimeSpan.FromSeconds(5);

    [PostgresFact]
    public async Task Cancelling_a_batch_that_waits_for_a_row_leaves_nothing_changed_and_nothing_running()
    {
        List<Guid> ids = await Database.InsertAsync(1000);
        await using NpgsqlConnection holder = await Database.HoldAsync(ids[500]);
        using var stop = new CancellationTokenSource();
        Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> change = Task.Run(() => Store.ChangeAsync(
            HandoffDatabase.MoveTo(HandoffStatus.Sent), [.. ids.Select(HandoffDatabase.Of)], Bulk.Each, HandoffDatabase.Context, stop.Token).OutcomesAsync());
        await Database.WaitUntilRunningAsync(1);
        long start = Stopwatch.GetTimestamp();
        await stop.CancelAsync();
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => change);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Quickly);
        Assert.Null(error.InnerException);
        Assert.Equal(0, await Database.RunningAsync());
        await AssertAllReadyAsync(1000);
    }

    [PostgresFact]
    public async Task Stopping_the_pipeline_ends_every_batch_on_its_way_and_each_is_wholly_in_or_out()
    {
        List<Guid> ids = await Database.InsertAsync(5000);
        await using NpgsqlConnection holder = await Database.HoldAsync(ids[1500], ids[2500]);
        using var pipeline = new ChangePipeline<StatusChange<HandoffPreparation>, HandoffPreparation>(
            (batch, token) => Store.ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), batch, Bulk.Each, HandoffDatabase.Context, token).OutcomesAsync(),
            new ChangePipelineOptions(),
            CancellationToken.None);
        ids[..3000].ForEach(id => pipeline.Add(HandoffDatabase.Of(id)));
        // The first batch is through, the second and the third wait.
        await Database.WaitUntilRunningAsync(2);
        while (await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'sent'") == 0)
        {
            await Task.Delay(10);
        }

        // As in PowerShell, the pipeline's thread is not one of the pool's, of which there may be no more than two.
        (StoppedWork stopped, TimeSpan took) = await Task.Factory.StartNew(
            () =>
            {
                long start = Stopwatch.GetTimestamp();
                return (pipeline.Stop(), Stopwatch.GetElapsedTime(start));
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Assert.InRange(took, TimeSpan.Zero, Quickly);
        Assert.Empty(stopped.UnknownIds);
        Assert.Equal(ids[..1000], stopped.ChangedIds.Cast<Guid>());
        Assert.Equal(0, await Database.RunningAsync());
        Assert.Equal(ids[..1000], await Database.ColumnAsync<Guid>("select id from exec_handoff_preparations where handoff_status = 'sent' order by id"));
    }

    [PostgresFact]
    public async Task A_statement_that_takes_too_long_is_CommandTimedOut()
    {
        List<Guid> ids = await Database.InsertAsync(10);
        await using NpgsqlConnection holder = await Database.HoldAsync(ids[5]);
        foreach ((ILeoDatabase database, CallContext context) in new[]
        {
            (await Database.OpenAsync(s => s), HandoffDatabase.Context with { CommandTimeout = TimeSpan.FromMilliseconds(200) }),
            (await Database.OpenAsync(s => s with { CommandTimeout = TimeSpan.FromMilliseconds(200) }), HandoffDatabase.Context),
        })
        {
            await using (database)
            {
                LeoException error = await Assert.ThrowsAsync<LeoException>(
                    () => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of), context, database.Handoffs));
                Assert.Equal((LeoErrorId.CommandTimedOut, "57014"), (error.ErrorId, error.SqlState));
                Assert.Null(error.InnerException);
            }
        }

        await AssertAllReadyAsync(10);
    }

    [PostgresFact]
    public async Task A_backend_that_is_ended_during_the_wait_is_ConnectionLost_and_the_next_call_works()
    {
        List<Guid> ids = await Database.InsertAsync(10);
        await using (await Database.HoldAsync(ids[5]))
        {
            Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> change = Task.Run(() => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of)));
            await Database.WaitUntilRunningAsync(1);
            await Database.RunAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'LeoPS/%' and state = 'active'");
            LeoException error = await Assert.ThrowsAsync<LeoException>(() => change);
            Assert.Equal(LeoErrorId.ConnectionLost, error.ErrorId);
            Assert.Null(error.InnerException);
        }

        await AssertAllReadyAsync(10);
        AssertEach.Of(await ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of)), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
    }

    [PostgresFact]
    public async Task A_network_that_breaks_during_the_wait_is_ConnectionLost()
    {
        List<Guid> ids = await Database.InsertAsync(10);
        await using var proxy = new TcpProxy(Database.Settings);
        await using ILeoDatabase far = await Database.OpenAsync(s => s with { Host = "127.0.0.1", Port = proxy.Port });
        await using (await Database.HoldAsync(ids[5]))
        {
            Task<IReadOnlyList<ChangeOutcome<HandoffPreparation>>> change = Task.Run(() => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Sent), ids.Select(HandoffDatabase.Of), store: far.Handoffs));
            await Database.WaitUntilRunningAsync(1);
            proxy.Break();
            LeoException error = await Assert.ThrowsAsync<LeoException>(() => change);
            Assert.Equal(LeoErrorId.ConnectionLost, error.ErrorId);
            Assert.Null(error.InnerException);
        }
    }

    [PostgresFact]
    public async Task A_read_only_connection_reads_and_does_not_write()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await using ILeoDatabase reader = await Database.OpenAsync(s => s with { ReadOnly = true });
        Assert.Equal(3, await reader.Handoffs.CountAsync(new HandoffFilter(), HandoffDatabase.Context, CancellationToken.None));
        StatusMove<HandoffStatus> move = HandoffDatabase.MoveTo(HandoffStatus.Sent);
        StatusChange<HandoffPreparation>[] changes = [.. (await Database.ReadAsync()).Select(HandoffDatabase.Of)];
        LeoException[] errors =
        [
            await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(move, changes, store: reader.Handoffs)),
            await Assert.ThrowsAsync<LeoException>(() => reader.Handoffs.ChangeAsync(move, changes, new BulkOptions(2, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None)),
            await Assert.ThrowsAsync<LeoException>(() => reader.Handoffs.ChangeSelectionAsync(
                move, new HandoffFilter { Statuses = [HandoffStatus.Ready] }, false, false, HandoffDatabase.Context, CancellationToken.None)),
        ];
        AssertEach.Of(errors, e => Assert.Equal((LeoErrorId.ReadOnlyConnection, "25006"), (e.ErrorId, e.SqlState)));
        await AssertAllReadyAsync(3);
    }

    private async Task AssertAllReadyAsync(long count) =>
        Assert.Equal(count, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'ready' and sent_at is null"));
}
