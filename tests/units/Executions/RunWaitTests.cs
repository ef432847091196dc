using LeoPS.Executions;
using LeoPS.Reading;
using LeoPS.Units.Changes;

namespace LeoPS.Units.Executions;

public sealed class RunWaitTests : IAsyncDisposable
{
    private static readonly Guid[] Ids = [.. Enumerable.Range(1, 4).Select(i => new Guid($"00000000-0000-0000-0000-00000000000{i}"))];

    private readonly ManualClock _clock = new();
    private readonly FakeSignal _signal;
    private readonly List<(long At, int Asked)> _looks = [];

    /// <summary>When each run ends, in milliseconds from the beginning; none of it for one that goes on, and -1 for one that is not there.</summary>
    private readonly Dictionary<Guid, int> _ends = [];

    public RunWaitTests() => _signal = new FakeSignal(_clock);

    public ValueTask DisposeAsync() => _signal.DisposeAsync();

    private long Now => _clock.GetTimestamp() / TimeSpan.TicksPerMillisecond;

    [Fact]
    public async Task The_first_look_is_at_once_and_the_runs_come_as_they_end()
    {
        _ends[Ids[2]] = 0;
        _ends[Ids[0]] = 0;
        _ends[Ids[1]] = 700;
        RunWait wait = Wait(Ids[..3]);
        Assert.Equal([Ids[0], Ids[2]], Of(await wait.NextAsync(default)));
        Assert.Equal((1, 0), (_looks.Count, Now));
        Assert.False(wait.IsOver);
        Assert.Equal([Ids[1]], await RestAsync(wait));
        // Those that are done are not asked for again.
        AssertEach.Of(_looks.Skip(1), l => Assert.Equal(1, l.Asked));
    }

    [Fact]
    public async Task Pauses_grow_up_to_five_seconds_where_nobody_tells()
    {
        _ends[Ids[0]] = 60_000;
        await RestAsync(Wait(Ids[..1]));
        Assert.Equal([50, 75, 112.5], _signal.Waits.Take(3));
        Assert.Equal(5000, _signal.Waits.Max());
        Assert.InRange(_looks.Count, 15, 30);
        Assert.InRange(Now, 60_000, 65_100);
    }

    [Fact]
    public async Task What_is_told_is_looked_at_at_once_and_in_quick_succession_once()
    {
        _signal.IsNotified = true;
        _signal.Tell(4000, 4001, 4002, 4003, 9000);
        _ends[Ids[0]] = 9000;
        await RestAsync(Wait(Ids[..1]));
        Assert.Equal(9000, Now);
        Assert.InRange(_looks.Count, 3, 4);
    }

    [Fact]
    public async Task Even_where_changes_are_told_it_is_looked_now_and_then()
    {
        _signal.IsNotified = true;
        _ends[Ids[0]] = 40_000;
        await RestAsync(Wait(Ids[..1]));
        Assert.Equal([0, 15_000, 30_000, 45_000], _looks.Select(l => l.At));
    }

    [Fact]
    public async Task A_look_during_which_the_time_runs_out_is_followed_by_the_last_one_at_once()
    {
        List<RunNews> news = await AllAsync(Wait(Ids[..2], TimeSpan.FromMilliseconds(300), takes: 301));
        Assert.Equal([0, 301], _looks.Select(l => l.At));
        Assert.Equal(Ids[..2], news[^1].Overdue);
    }

    [Fact]
    public async Task When_the_time_is_up_there_is_one_last_look_and_what_goes_on_is_named()
    {
        _ends[Ids[1]] = 1990;
        RunWait wait = Wait(Ids[..3], TimeSpan.FromSeconds(2));
        List<RunNews> news = await AllAsync(wait);
        Assert.Equal([Ids[1]], news.SelectMany(n => Of(n)));
        Assert.Equal([Ids[0], Ids[2]], news[^1].Overdue);
        AssertEach.Of(news.SkipLast(1), n => Assert.Empty(n.Overdue));
        Assert.Equal(2000, _looks[^1].At);
        Assert.Equal(2000, Now);
    }

    [Fact]
    public async Task A_timeout_of_zero_is_a_single_look()
    {
        _ends[Ids[0]] = 0;
        RunNews news = Assert.Single(await AllAsync(Wait(Ids[..2], TimeSpan.Zero)));
        Assert.Equal([Ids[0]], Of(news));
        Assert.Equal([Ids[1]], news.Overdue);
        Assert.Empty(_signal.Waits);
        Assert.Empty(Assert.Single(await AllAsync(Wait(Ids[..1], TimeSpan.Zero))).Overdue);
    }

    [Fact]
    public async Task Any_gives_the_one_that_ended_first_and_no_other()
    {
        _ends[Ids[0]] = 130;
        _ends[Ids[1]] = 120;
        RunWait wait = Wait(Ids, any: true);
        Assert.Equal([Ids[1]], await RestAsync(wait));
        Assert.True(wait.IsOver);
        Assert.Empty((await AllAsync(wait)).SelectMany(n => Of(n)));
    }

    [Fact]
    public async Task What_is_not_there_is_unknown_at_first_and_deleted_later_and_the_others_are_waited_for()
    {
        _ends[Ids[0]] = -1;
        _ends[Ids[2]] = 3000;
        RunWait wait = Wait(Ids[..3]);
        RunNews first = await wait.NextAsync(default);
        Assert.Equal([Ids[0]], first.Unknown);
        Assert.Empty(first.Deleted);
        _ends[Ids[1]] = -1;
        List<RunNews> rest = await AllAsync(wait);
        Assert.Equal([Ids[1]], rest.SelectMany(n => n.Deleted));
        Assert.Empty(rest.SelectMany(n => n.Unknown));
        Assert.Equal([Ids[2]], rest.SelectMany(n => Of(n)));
    }

    [Fact]
    public async Task Any_goes_on_where_one_is_not_there_and_ends_where_none_is()
    {
        _ends[Ids[0]] = -1;
        _ends[Ids[1]] = 500;
        Assert.Equal([Ids[1]], await RestAsync(Wait(Ids[..2], any: true)));
        RunNews news = Assert.Single(await AllAsync(Wait(Ids[..1], any: true)));
        Assert.Equal([Ids[0]], news.Unknown);
    }

    [Fact]
    public async Task A_server_that_is_away_for_less_than_a_minute_is_waited_for_and_then_not()
    {
        long lostUntil = 50_000;
        _ends[Ids[0]] = 55_000;
        Assert.Equal([Ids[0]], await RestAsync(Wait(Ids[..1], lost: () => Now is > 0 and var at && at < lostUntil)));
        RunWait wait = Wait(Ids[1..2], lost: () => Now > 60_000);
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => AllAsync(wait));
        Assert.Equal(LeoErrorId.ConnectionLost, error.ErrorId);
        Assert.InRange(Now, 115_000, 135_000);
        // Who cannot even look once learns it at once.
        await Assert.ThrowsAsync<LeoException>(() => Wait(Ids[..1], lost: () => true).NextAsync(default));
    }

    [Fact]
    public async Task Looks_that_take_long_get_long_pauses()
    {
        _ends[Ids[0]] = 30_000;
        await RestAsync(Wait(Ids[..1], takes: 400));
        Assert.InRange(_looks.Count, 5, 10);
    }

    [Fact]
    public async Task It_ends_where_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        RunWait wait = Wait(Ids);
        await wait.NextAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.NextAsync(stop.Token));
    }

    [Theory]
    [InlineData(ExecutionStatus.Failed, LeoErrorId.ExecutionFailed, "failed after 1 s: RateLimitError: Line one Line two")]
    [InlineData(ExecutionStatus.Cancelled, LeoErrorId.ExecutionCancelled, "was cancelled after")]
    [InlineData(ExecutionStatus.Timeout, LeoErrorId.ExecutionTimedOut, "timed out after")]
    public void Each_bad_end_is_an_error_of_its_own(ExecutionStatus status, LeoErrorId errorId, string said)
    {
        FlowExecution row = SampleExecution.Full();
        row.Status = status;
        LeoException error = RunFailure.Of(row)!;
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        row.ErrorMessage = row.ErrorType = null;
        Assert.Contains("does not say why", RunFailure.Of(row)!.Message, StringComparison.Ordinal);
        row.Status = ExecutionStatus.Completed;
        Assert.Null(RunFailure.Of(row));
    }

    [Fact]
    public void A_password_in_an_error_of_a_run_is_not_repeated()
    {
        FlowExecution row = SampleExecution.Full();
        row.ErrorMessage = "cannot connect to postgresql://ada:hunter2@db/leo";
        Assert.DoesNotContain("hunter2", RunFailure.Of(row)!.Message, StringComparison.Ordinal);
    }

    private RunWait Wait(Guid[] ids, TimeSpan? timeout = null, bool any = false, Func<bool>? lost = null, int takes = 0) => new(
        (left, _) =>
        {
            _looks.Add((Now, left.Count));
            _clock.Advance(takes);
            if (lost?.Invoke() == true)
            {
                throw new LeoException(LeoErrorId.ConnectionLost, "gone");
            }

            return Task.FromResult<IReadOnlyList<WaitedRun>>([.. left.Where(id => _ends.TryGetValue(id, out int end) && end <= Now).Select(id => new WaitedRun(
                id, _ends[id] < 0 ? null : new ReadItem<FlowExecution>(new FlowExecution { Id = id, Status = ExecutionStatus.Completed, CompletedAt = SampleExecution.At.AddMilliseconds(_ends[id]) }, null)))]);
        },
        _signal,
        ids,
        timeout,
        any,
        _clock);

    private static IEnumerable<Guid> Of(RunNews news) => news.Ended.Select(e => e.Row.Id);

    private static async Task<List<RunNews>> AllAsync(RunWait wait)
    {
        var all = new List<RunNews>();
        while (!wait.IsOver)
        {
            all.Add(await wait.NextAsync(default));
        }

        return all;
    }

    private static async Task<List<Guid>> RestAsync(RunWait wait) => [.. (await AllAsync(wait)).SelectMany(Of)];
}
