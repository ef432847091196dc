using System.Diagnostics;
using System.Runtime.CompilerServices;
using LeoPS.Reading;
using LeoPS.Units.Changes;

namespace LeoPS.Units.Reading;

public sealed class ReadAheadTests
{
    /// <summary>Four chunks wait, and a fifth is in the source's hand.</summary>
    private const int Ahead = 5;

    [Property(MaxTest = 40)]
    public bool Everything_comes_in_order_and_the_source_stays_near(byte chunks, byte slowness)
    {
        int made = 0;
        int taken = 0;
        int furthest = 0;
        async IAsyncEnumerable<IReadOnlyList<int>> Source([EnumeratorCancellation] CancellationToken token)
        {
            for (int i = 0; i < chunks; i++)
            {
                furthest = Math.Max(furthest, Interlocked.Increment(ref made) - Volatile.Read(ref taken));
                yield return [i, -i];
                if (i % 7 == slowness % 7)
                {
                    await Task.Yield();
                }
            }
        }

        using var reading = new ReadAhead<int>(token => Source(token), CancellationToken.None);
        var came = new List<int>();
        foreach (IReadOnlyList<int> chunk in reading.Chunks())
        {
            came.AddRange(chunk);
            Interlocked.Increment(ref taken);
        }

        // One more: a chunk is taken from the channel before it is counted here.
        return came.SequenceEqual(Enumerable.Range(0, chunks).SelectMany(i => new[] { i, -i })) && furthest <= Ahead + 1;
    }

    [Fact]
    public async Task The_source_waits_for_a_consumer_that_does_not_come()
    {
        var source = new FakeSource();
        using var reading = new ReadAhead<int>(source.ReadAsync, CancellationToken.None);
        await source.MadeAsync(Ahead);
        using IEnumerator<IReadOnlyList<int>> chunks = reading.Chunks().GetEnumerator();
        for (int taken = 1; taken <= 300; taken++)
        {
            Assert.True(chunks.MoveNext());
            source.Taken = taken;
            await source.MadeAsync(Ahead + taken);
        }

        // One more: a chunk is taken from the channel before it is counted here. A source without a limit is hundreds ahead by now.
        Assert.InRange(source.FurthestAhead, Ahead, Ahead + 1);
    }

    [Fact]
    public void The_first_chunk_comes_before_the_second_is_made()
    {
        var source = new FakeSource { StopsAfter = 1 };
        using var reading = new ReadAhead<int>(source.ReadAsync, CancellationToken.None);

        Assert.Equal([0], reading.Chunks().First());
    }

    [Fact]
    public void Nothing_is_nothing()
    {
        using var reading = new ReadAhead<int>(_ => AsyncEnumerable(), CancellationToken.None);

        Assert.Empty(reading.Chunks());
    }

    [Fact]
    public void A_failure_of_the_source_comes_after_its_chunks()
    {
        var failure = new LeoException(LeoErrorId.ConnectionLost, "gone");
        var source = new FakeSource { FailsAfter = 3, Failure = failure };
        using var reading = new ReadAhead<int>(source.ReadAsync, CancellationToken.None);
        var came = new List<int>();

        Exception thrown = Assert.Throws<LeoException>(() =>
        {
            foreach (IReadOnlyList<int> chunk in reading.Chunks())
            {
                came.AddRange(chunk);
            }
        });

        Assert.Same(failure, thrown);
        Assert.Equal([0, 1, 2], came);
        Assert.True(source.Closed);
    }

    [Fact]
    public void A_source_that_cannot_even_begin_fails_the_same_way()
    {
        using var reading = new ReadAhead<int>(_ => throw new LeoException(LeoErrorId.SchemaMissing, "no table"), CancellationToken.None);

        Assert.Equal(LeoErrorId.SchemaMissing, Assert.Throws<LeoException>(() => reading.Chunks().ToList()).ErrorId);
    }

    [Fact]
    public async Task Disposing_cancels_the_source_and_waits_until_it_is_closed()
    {
        var source = new FakeSource { StopsAfter = 1, ClosesIn = 50 };
        var reading = new ReadAhead<int>(source.ReadAsync, CancellationToken.None);
        await source.MadeAsync(1);

        reading.Dispose();

        Assert.True(source.Closed);
    }

    [Fact]
    public async Task Disposing_frees_a_source_that_waits_for_room()
    {
        var source = new FakeSource { ClosesIn = 50 };
        var reading = new ReadAhead<int>(source.ReadAsync, CancellationToken.None);
        await source.MadeAsync(Ahead);

        reading.Dispose();

        Assert.True(source.Closed);
        Assert.Equal(Ahead, source.Made);
    }

    [Fact]
    public async Task Disposing_frees_a_consumer_that_waits_for_a_chunk()
    {
        var source = new FakeSource { StopsAfter = 0 };
        var reading = new ReadAhead<int>(source.ReadAsync, CancellationToken.None);
        Exception? thrown = null;
        Thread consumer = await FakeStore.StartUntilBlockedAsync(() => thrown = Record.Exception(() => reading.Chunks().ToList()));
        Assert.True(consumer.IsAlive);

        reading.Dispose();

        consumer.Join();
        Assert.IsAssignableFrom<OperationCanceledException>(thrown);
        Assert.True(source.Closed);
    }

    [Fact]
    public async Task Cancelling_frees_a_consumer_that_waits_for_a_chunk()
    {
        using var user = new CancellationTokenSource();
        var source = new FakeSource { StopsAfter = 0 };
        using var reading = new ReadAhead<int>(source.ReadAsync, user.Token);
        Task<List<IReadOnlyList<int>>> consumer = Task.Run(() => reading.Chunks().ToList());

        await user.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer);
    }

    /// <summary>A cmdlet whose pipeline ends early disposes its reading on the way out, and once more at its own end.</summary>
    [Fact]
    public void Disposing_twice_is_once()
    {
        var source = new FakeSource();
        var reading = new ReadAhead<int>(source.ReadAsync, CancellationToken.None);
        reading.Dispose();
        reading.Dispose();

        Assert.ThrowsAny<OperationCanceledException>(() => reading.Chunks().ToList());
        Assert.True(source.Closed);
    }

    [Fact]
    public void A_reading_that_came_to_its_end_is_disposed_without_a_word()
    {
        var source = new FakeSource { Ends = 2 };
        var reading = new ReadAhead<int>(source.ReadAsync, CancellationToken.None);
        Assert.Equal([[0], [1]], reading.Chunks());

        reading.Dispose();

        Assert.True(source.Closed);
    }

    [Fact]
    public async Task A_source_that_does_not_let_go_keeps_nobody_longer_than_five_seconds()
    {
        var source = new FakeSource { StopsAfter = 0, ClosesIn = 60_000 };
        var reading = new ReadAhead<int>(source.ReadAsync, CancellationToken.None);
        await source.OpenedAsync();
        long start = Stopwatch.GetTimestamp();

        reading.Dispose();

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 4.9, 15);
        Assert.False(source.Closed);
        source.CloseNow();
    }

    private static async IAsyncEnumerable<IReadOnlyList<int>> AsyncEnumerable()
    {
        await Task.CompletedTask;
        yield break;
    }
}
