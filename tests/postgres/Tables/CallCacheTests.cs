using LeoPS.Ports;
using LeoPS.Postgres.Statements;

namespace LeoPS.PostgresTests.Tables;

/// <summary>A call looks up once what it needs more than once.</summary>
public sealed class CallCacheTests
{
    private static readonly CallContext _context = CallContext.For("Test-Cache");
    private readonly CallCache<int> _cache = new();
    private int _looks;

    [Fact]
    public async Task One_look_serves_all_batches_of_a_call_and_copies_of_its_context()
    {
        var released = new TaskCompletionSource();
        Task<int>[] asked =
        [
            _cache.GetAsync(_context, LookAsync),
            _cache.GetAsync(_context, LookAsync),
            _cache.GetAsync(_context with { LockTimeout = TimeSpan.Zero }, LookAsync),
        ];
        released.SetResult();
        int[] found = await Task.WhenAll(asked);
        Assert.Equal([1, 1, 1], found);

        async Task<int> LookAsync()
        {
            int look = ++_looks;
            await released.Task;
            return look;
        }
    }

    [Fact]
    public async Task Another_call_looks_for_itself()
    {
        Assert.Equal(1, await LookAsync(_context));
        Assert.Equal(2, await LookAsync(_context.ForAnotherCall()));
        Assert.Equal(3, await LookAsync(CallContext.For("Test-Cache")));
        Assert.Equal(1, await LookAsync(_context));
    }

    [Fact]
    public async Task A_look_that_failed_or_was_cancelled_is_not_kept()
    {
        await Assert.ThrowsAsync<IOException>(() => _cache.GetAsync(_context, () => Task.FromException<int>(new IOException())));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.GetAsync(_context, () => Task.FromCanceled<int>(new CancellationToken(true))));
        Assert.Equal(1, await LookAsync(_context));
        Assert.Equal(1, await LookAsync(_context));
    }

    private Task<int> LookAsync(CallContext context) => _cache.GetAsync(context, () => Task.FromResult(++_looks));
}
