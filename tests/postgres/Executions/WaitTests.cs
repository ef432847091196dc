using System.Diagnostics;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Statuses;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Waits for runs to end: what a look shows, and who tells when to look.</summary>
public sealed class WaitTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [PostgresFact]
    public async Task A_look_shows_what_has_ended_and_what_is_not_there_in_the_order_given()
    {
        var ids = new List<Guid>();
        foreach (ExecutionStatus status in StatusNames<ExecutionStatus>.All)
        {
            ids.AddRange(await Database.InsertAsync(1, StatusNames<ExecutionStatus>.ToColumn(status)));
        }

        ids.AddRange(await Database.InsertAsync(1, null));
        ids.AddRange(await Database.InsertAsync(1, "failed", ("completed_at", "'infinity'")));
        ids.Add(Guid.NewGuid());
        Guid[] order = [.. ids.OrderBy(_ => Guid.NewGuid())];
        IReadOnlyList<WaitedRun> seen = await Store.LookForEndsAsync(order, ExecutionDatabase.Context, CancellationToken.None);
        Assert.Equal(order.Where(id => ids.IndexOf(id) is 2 or 3 or 4 or 5 or 7 or 8), seen.Select(s => s.Id));
        Assert.Null(seen.Single(s => s.Id == ids[8]).Ended);
        Assert.Equal(LeoErrorId.UnreadableRow, seen.Single(s => s.Id == ids[7]).Ended!.Value.Error!.ErrorId);
        Assert.Equal(ExecutionJson.Line(await Database.ReadAsync(ids[2])), ExecutionJson.Line(seen.Single(s => s.Id == ids[2]).Ended!.Value.Row));
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_somebody_ends_comes_and_so_does_one_that_somebody_deletes(bool history)
    {
        await InstallAsync(history);
        List<Guid> ids = await Database.InsertAsync(3);
        await using IChangeSignal signal = await SignalAsync();
        Assert.Equal(history, signal.IsNotified);
        RunWait wait = Wait(signal, ids);
        Assert.Empty((await wait.NextAsync(default)).Ended);
        await Database.RunAsync($"update crewai_flow_executions set status = 'failed', completed_at = now() where id = '{ids[1]}'");
        Assert.Equal(ids[1], Assert.Single((await SomeAsync(wait)).Ended).Row.Id);
        await Database.RunAsync($"delete from crewai_flow_executions where id = '{ids[0]}'");
        Assert.Equal(ids[0], Assert.Single((await SomeAsync(wait)).Deleted));
        await Database.RunAsync($"update crewai_flow_executions set status = 'completed' where id = '{ids[2]}'");
        Assert.Equal(ids[2], Assert.Single((await SomeAsync(wait)).Ended).Row.Id);
        Assert.True(wait.IsOver);
    }

    [PostgresFact]
    public async Task With_the_history_an_end_is_told_within_moments_and_few_looks_are_made()
    {
        await InstallAsync(history: true);
        List<Guid> ids = await Database.InsertAsync(200);
        int looks = 0;
        await using IChangeSignal signal = await SignalAsync();
        RunWait wait = Wait(signal, ids, look: () => looks++);
        _ = await wait.NextAsync(default);
        // Nothing happens for a while: nothing is looked at.
        Task<RunNews> next = wait.NextAsync(default);
        await Task.Delay(500);
        Assert.Equal((1, false), (looks, next.IsCompleted));
        long changed = Stopwatch.GetTimestamp();
        await Database.RunAsync("update crewai_flow_executions set status = 'completed', completed_at = now()");
        Assert.Equal(200, (await next.WaitAsync(Patience)).Ended.Count);
        Assert.InRange(Stopwatch.GetElapsedTime(changed), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(2, looks);
    }

    [PostgresFact]
    public async Task A_change_between_the_opening_of_the_signal_and_the_wait_is_not_missed()
    {
        await InstallAsync(history: true);
        List<Guid> ids = await Database.InsertAsync(1);
        await using IChangeSignal signal = await SignalAsync();
        RunWait wait = Wait(signal, ids);
        _ = await wait.NextAsync(default);
        await Database.RunAsync("update crewai_flow_executions set status = 'completed', completed_at = now()");
        // It was told while nobody listened; a wait that began only now would last fifteen seconds.
        await Task.Delay(100);
        long began = Stopwatch.GetTimestamp();
        Assert.Single((await SomeAsync(wait)).Ended);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [PostgresFact]
    public async Task A_line_that_breaks_is_made_again_and_the_wait_goes_on()
    {
        await InstallAsync(history: true);
        List<Guid> ids = await Database.InsertAsync(1);
        await using IChangeSignal signal = await SignalAsync();
        RunWait wait = Wait(signal, ids);
        _ = await wait.NextAsync(default);
        Task<RunNews> next = Task.Run(() => SomeAsync(wait));
        await Task.Delay(200);
        await Database.RunAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'");
        await Task.Delay(300);
        await Database.RunAsync("update crewai_flow_executions set status = 'completed', completed_at = now()");
        Assert.Single((await next.WaitAsync(TimeSpan.FromSeconds(10))).Ended);
    }

    [PostgresFact]
    public async Task Behind_a_transaction_pooler_nothing_is_listened_to_and_nothing_is_left_listening_otherwise()
    {
        await InstallAsync(history: true);
        await using (ILeoDatabase pooled = await Database.OpenAsync(s => s with { PoolerMode = PoolerMode.Transaction }))
        {
            await using IChangeSignal signal = await pooled.ExecutionFeed.ListenAsync(ExecutionDatabase.Context, CancellationToken.None);
            Assert.False(signal.IsNotified);
        }

        await using (IChangeSignal signal = await SignalAsync())
        {
            Assert.True(signal.IsNotified);
        }

        IReadOnlyList<WaitedRun> seen = await Store.LookForEndsAsync([Guid.NewGuid()], ExecutionDatabase.Context, CancellationToken.None);
        Assert.Null(Assert.Single(seen).Ended);
    }

    [PostgresFact]
    public async Task A_wait_that_is_stopped_ends_at_once_and_leaves_its_connection_usable()
    {
        await InstallAsync(history: true);
        List<Guid> ids = await Database.InsertAsync(1);
        using var stop = new CancellationTokenSource();
        await using (IChangeSignal signal = await SignalAsync())
        {
            RunWait wait = Wait(signal, ids);
            _ = await wait.NextAsync(stop.Token);
            Task<RunNews> next = wait.NextAsync(stop.Token);
            await Task.Delay(200);
            long began = Stopwatch.GetTimestamp();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }

        Assert.Empty(await Store.LookForEndsAsync(ids, ExecutionDatabase.Context, CancellationToken.None));
    }

    private async Task InstallAsync(bool history)
    {
        if (history)
        {
            Assert.Empty((await Database.Database.Schema.InstallWithHistoryAsync(ExecutionDatabase.Context, CancellationToken.None)).Warnings);
        }
    }

    private Task<IChangeSignal> SignalAsync() => Database.Database.ExecutionFeed.ListenAsync(ExecutionDatabase.Context, CancellationToken.None);

    private RunWait Wait(IChangeSignal signal, IReadOnlyList<Guid> ids, Action? look = null) => new(
        (left, token) =>
        {
            look?.Invoke();
            return Store.LookForEndsAsync(left, ExecutionDatabase.Context, token);
        },
        signal,
        ids,
        null,
        any: false,
        TimeProvider.System);

    /// <summary>The next news that are some.</summary>
    private static async Task<RunNews> SomeAsync(RunWait wait)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            RunNews news = await wait.NextAsync(patience.Token);
            if (news.Ended.Count + news.Deleted.Count + news.Unknown.Count > 0)
            {
                return news;
            }
        }
    }
}
