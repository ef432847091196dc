using System.Diagnostics;
using LeoPS.Handoffs;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Readings that are long, and those that are given up.</summary>
[Collection(PostgresServerGroup.Name)]
public sealed class ReadStreamTests(HandoffDatabaseOf200000 filled) : IClassFixture<HandoffDatabaseOf200000>
{
    private static readonly TimeSpan Quickly = TimeSpan.FromSeconds(5);

    private HandoffDatabase Database => filled.Database;

    [PostgresFact]
    public async Task The_first_chunk_comes_while_the_server_still_sends_and_breaking_off_ends_the_query()
    {
        TimeSpan left;
        await using (IAsyncEnumerator<IReadOnlyList<ReadItem<HandoffPreparation>>> chunks = Stream(CancellationToken.None).GetAsyncEnumerator())
        {
            Assert.True(await chunks.MoveNextAsync());
            Assert.Equal(filled.Ids[0], Assert.Single(chunks.Current).Row.Id);
            // Nobody takes the rows, so the server stands still in the middle of them.
            await Database.WaitUntilRunningAsync(1, "wait_event = 'ClientWrite'");
            left = Stopwatch.GetElapsedTime(0);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(0) - left, TimeSpan.Zero, Quickly);
        Assert.Equal(0, await Database.RunningAsync());
    }

    [PostgresFact]
    public async Task Disposing_a_read_ahead_ends_the_query()
    {
        var ahead = new ReadAhead<ReadItem<HandoffPreparation>>(Stream, CancellationToken.None);
        Assert.Equal(filled.Ids[0], ahead.Chunks().First()[0].Row.Id);
        await Database.WaitUntilRunningAsync(1, "wait_event = 'ClientWrite'");
        long start = Stopwatch.GetTimestamp();
        ahead.Dispose();
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Quickly);
        Assert.Equal(0, await Database.RunningAsync());
    }

    [PostgresFact]
    public async Task Cancelling_in_the_middle_is_OperationCanceled_and_ends_the_query()
    {
        using var stop = new CancellationTokenSource();
        long start = 0;
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            long rows = 0;
            await foreach (IReadOnlyList<ReadItem<HandoffPreparation>> chunk in Stream(stop.Token))
            {
                rows += chunk.Count;
                if (rows > 5000 && !stop.IsCancellationRequested)
                {
                    start = Stopwatch.GetTimestamp();
                    await stop.CancelAsync();
                }
            }
        });
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Quickly);
        Assert.Equal(0, await Database.RunningAsync());
        // Nothing of the driver may be seen.
        Assert.Null(error.InnerException);
    }

    [PostgresTheory]
    [InlineData(null)]
    [InlineData(1000)]
    public void Memory_does_not_grow_with_the_rows(int? pageSize)
    {
        var live = new List<long>();
        long rows = 0;
        using var ahead = new ReadAhead<ReadItem<HandoffPreparation>>(
            token => Database.Store.ReadAsync(new HandoffQuery { PageSize = pageSize }, HandoffDatabase.Context, token), CancellationToken.None);
        foreach (IReadOnlyList<ReadItem<HandoffPreparation>> chunk in ahead.Chunks())
        {
            rows += chunk.Count;
            if (rows >= 40_000 * (live.Count + 1))
            {
                live.Add(GC.GetTotalMemory(forceFullCollection: true));
            }
        }

        Assert.Equal(200_000, rows);
        Assert.InRange(live.Count, 4, 5);
        Assert.InRange((live.Max() - live[0]) / 1_000_000d, double.NegativeInfinity, 10);
    }

    [PostgresFact]
    public async Task Large_values_come_in_small_chunks()
    {
        await using HandoffDatabase other = await HandoffDatabase.CreateAsync(Database.Server);
        await other.InsertAsync(200, "ready", ("post_implementation_notes", "repeat('0123456789', 50000)"));
        var sizes = new List<int>();
        await foreach (IReadOnlyList<ReadItem<HandoffPreparation>> chunk in other.Store.ReadAsync(new HandoffQuery(), HandoffDatabase.Context, CancellationToken.None))
        {
            sizes.Add(chunk.Count);
        }

        Assert.Equal(200, sizes.Sum());
        Assert.InRange(sizes.Max(), 1, 3);
    }

    [PostgresFact]
    public async Task No_statement_stays_open_while_a_page_is_worked_on()
    {
        await using HandoffDatabase other = await HandoffDatabase.CreateAsync(Database.Server);
        List<Guid> ids = await other.InsertAsync(60, "ready", ("post_implementation_notes", "repeat('0123456789', 50000)"));
        await using IAsyncEnumerator<IReadOnlyList<ReadItem<HandoffPreparation>>> chunks =
            other.Store.ReadAsync(new HandoffQuery { PageSize = 40 }, HandoffDatabase.Context, CancellationToken.None).GetAsyncEnumerator();
        var seen = new List<Guid>();
        while (await chunks.MoveNextAsync())
        {
            Assert.Equal(0, await other.RunningAsync());
            seen.AddRange(chunks.Current.Select(i => i.Row.Id));
        }

        Assert.Equal(ids, seen);
    }

    private IAsyncEnumerable<IReadOnlyList<ReadItem<HandoffPreparation>>> Stream(CancellationToken cancellationToken) =>
        Database.Store.ReadAsync(new HandoffQuery(), HandoffDatabase.Context, cancellationToken);
}
