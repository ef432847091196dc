using System.Diagnostics;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.History;

/// <summary>Waiting until a run may have changed.</summary>
[Trait("Category", "Core")]
public sealed class ChangeSignalTests(PostgresServer server) : HistoryTest(server)
{
    private const string End = "update crewai_flow_executions set status = 'completed', completed_at = now()";

    private static readonly TimeSpan _long = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(300);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Database.RunAsync("""
            insert into crewai_flows (id, flow_key, flow_name, flow_definition) values (gen_random_uuid(), 'weekly', 'Weekly', '{}');
            insert into crewai_flow_executions (flow_id, execution_key, status) select id, 'RUN-1', 'running' from crewai_flows;
            """);
    }

    [PostgresFact]
    public async Task A_change_ends_the_wait_also_one_between_two_waits_and_what_changes_no_status_does_not()
    {
        await using IChangeSignal signal = await Database.Database.ExecutionFeed.ListenAsync(Context, CancellationToken.None);
        Assert.True(signal.IsNotified);

        Task<TimeSpan> waiting = TimeAsync(signal, _long);
        await Task.Delay(200);
        Assert.False(waiting.IsCompleted);
        await Database.RunAsync(End);
        Assert.InRange(await waiting, TimeSpan.Zero, _long / 2);

        await Database.RunAsync("update crewai_flow_executions set status = 'failed'");
        Assert.InRange(await TimeAsync(signal, _long), TimeSpan.Zero, _long / 2);

        await Database.RunAsync("update crewai_flow_executions set token_count = 1");
        Assert.InRange(await TimeAsync(signal, _short), _short * 0.9, _long);
    }

    [PostgresFact]
    public async Task A_line_that_breaks_ends_the_wait_and_is_made_again()
    {
        await using IChangeSignal signal = await Database.Database.ExecutionFeed.ListenAsync(Context, CancellationToken.None);
        Task<TimeSpan> waiting = TimeAsync(signal, _long);
        await Database.RunAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'");
        Assert.InRange(await waiting, TimeSpan.Zero, _long / 2);

        // The wait that makes it again ends at once: nobody heard what changed meanwhile.
        Assert.InRange(await TimeAsync(signal, _long), TimeSpan.Zero, _long / 2);
        Assert.True(signal.IsNotified);
        Assert.InRange(await TimeAsync(signal, _short), _short * 0.9, _long);

        waiting = TimeAsync(signal, _long);
        await Database.RunAsync(End);
        Assert.InRange(await waiting, TimeSpan.Zero, _long / 2);
    }

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_nothing_can_be_heard_it_waits_its_time_and_says_so(bool pooler)
    {
        await using HandoffDatabase plain = await HandoffDatabase.CreateAsync(Database.Server);
        await using ILeoDatabase database = pooler ? await Database.OpenAsync(s => s with { PoolerMode = PoolerMode.Transaction }) : await plain.OpenAsync(s => s);
        await using IChangeSignal signal = await database.ExecutionFeed.ListenAsync(Context, CancellationToken.None);
        Assert.False(signal.IsNotified);

        Task<TimeSpan> waiting = TimeAsync(signal, _short);
        await Database.RunAsync(End);
        Assert.InRange(await waiting, _short * 0.9, _long);
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen%'"));
    }

    [PostgresFact]
    public async Task A_wait_that_is_stopped_leaves_a_signal_that_hears()
    {
        using var stop = new CancellationTokenSource(_short);
        await using IChangeSignal signal = await Database.Database.ExecutionFeed.ListenAsync(Context, CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => signal.WaitAsync(_long, stop.Token));

        await Database.RunAsync(End);
        Assert.InRange(await TimeAsync(signal, _long), TimeSpan.Zero, _long / 2);
    }

    private static async Task<TimeSpan> TimeAsync(IChangeSignal signal, TimeSpan longest)
    {
        long start = Stopwatch.GetTimestamp();
        await signal.WaitAsync(longest, CancellationToken.None);
        return Stopwatch.GetElapsedTime(start);
    }
}
