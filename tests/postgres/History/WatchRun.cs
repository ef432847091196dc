using System.Collections.Concurrent;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.History;

/// <summary>A watch that goes on while a test makes changes; it has begun when StartAsync returns.</summary>
internal sealed class WatchRun<TRow> : IAsyncDisposable
    where TRow : class
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<ReadItem<TRow>> _items = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly SemaphoreSlim _gate;
    private Task _taking = Task.CompletedTask;

    private WatchRun(bool taking) => _gate = new SemaphoreSlim(taking ? int.MaxValue : 0, int.MaxValue);

    /// <summary>What came so far.</summary>
    public IReadOnlyList<TRow> Rows => [.. _items.Select(i => i.Row)];

    /// <summary>What came so far, with errors.</summary>
    public IReadOnlyList<ReadItem<TRow>> Items => [.. _items];

    /// <summary>The verbose lines so far.</summary>
    public IReadOnlyList<string> Log => [.. _log];

    /// <summary>Begins to watch.</summary>
    /// <param name="taking">False to take nothing until <see cref="Take"/>.</param>
    public static async Task<WatchRun<TRow>> StartAsync<TWatch>(IChangeFeed<TRow, TWatch> feed, TWatch watch, bool taking = true)
    {
        var run = new WatchRun<TRow>(taking);
        CallContext context = HandoffDatabase.Context with { Log = run.Note };
        run._taking = Task.Run(() => run.TakeAllAsync(feed.WatchAsync(watch, context, run._stop.Token)));
        await Task.WhenAny(run._begun.Task, run._taking).WaitAsync(Patience);
        if (run._taking.IsCompleted)
        {
            await run._taking;
        }

        return run;
    }

    /// <summary>Takes whatever comes from now on.</summary>
    public void Take() => _gate.Release(int.MaxValue);

    /// <summary>Waits for so many changes, and a moment longer, in which no further one may come.</summary>
    public async Task<IReadOnlyList<TRow>> WaitAsync(int count, TimeSpan? patience = null)
    {
        using var timer = new CancellationTokenSource(patience ?? Patience);
        while (_items.Count < count && !timer.IsCancellationRequested)
        {
            Assert.False(_taking.IsFaulted, _taking.Exception?.ToString());
            await Task.Delay(20);
        }

        await Task.Delay(200);
        Assert.Equal(count, _items.Count);
        return Rows;
    }

    /// <summary>Waits for a verbose line.</summary>
    public async Task WaitForLogAsync(string part)
    {
        using var timer = new CancellationTokenSource(Patience);
        while (!_log.Any(l => l.Contains(part, StringComparison.Ordinal)))
        {
            await Task.Delay(20, timer.Token);
        }
    }

    /// <summary>What the watch failed of.</summary>
    public Task<LeoException> FailureAsync() => Assert.ThrowsAsync<LeoException>(() => _taking.WaitAsync(Patience));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _taking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _gate.Dispose();
    }

    private async Task TakeAllAsync(IAsyncEnumerable<IReadOnlyList<ReadItem<TRow>>> changes)
    {
        await using var chunks = changes.GetAsyncEnumerator(_stop.Token);
        // The first step sets the watch going, whether anything is taken or not.
        ValueTask<bool> next = chunks.MoveNextAsync();
        while (true)
        {
            await _gate.WaitAsync(_stop.Token);
            if (!await next)
            {
                break;
            }

            foreach (ReadItem<TRow> item in chunks.Current)
            {
                _items.Enqueue(item);
            }

            next = chunks.MoveNextAsync();
        }
    }

    private void Note(string line)
    {
        _log.Enqueue(line);
        if (line.StartsWith("watching", StringComparison.Ordinal))
        {
            _begun.TrySetResult();
        }
    }
}
