using System.Threading.Channels;

namespace LeoPS.Reading;

/// <summary>Reads chunks on a worker, a bounded number ahead of a consumer that blocks: memory does not grow with the stream.</summary>
public sealed class ReadAhead<T> : IDisposable
{
    private const int ChunksAhead = 4;
    private readonly Channel<IReadOnlyList<T>> _chunks = Channel.CreateBounded<IReadOnlyList<T>>(
        new BoundedChannelOptions(ChunksAhead) { SingleReader = true, SingleWriter = true });

    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _stopToken;
    private readonly Task _worker;
    private int _disposed;

    /// <summary>Starts reading.</summary>
    public ReadAhead(Func<CancellationToken, IAsyncEnumerable<IReadOnlyList<T>>> source, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _stopToken = _stop.Token;
        _worker = Task.Run(() => PumpAsync(source), CancellationToken.None);
    }

    /// <summary>The chunks, in order; blocks while none is ready and throws what the source threw.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public IEnumerable<IReadOnlyList<T>> Chunks()
    {
        while (WaitForChunk())
        {
            while (_chunks.Reader.TryRead(out IReadOnlyList<T>? chunk))
            {
                yield return chunk;
            }
        }
    }

    /// <summary>Cancels the source and waits until it has let go of its connection, at most five seconds. May be called twice.</summary>
    public void Dispose()
    {
        bool first = Interlocked.Exchange(ref _disposed, 1) == 0;
        if (first)
        {
            // Not here: what is called by a cancellation may itself wait for the server.
            _ = _stop.CancelAsync();
        }

        _worker.WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        if (first && _worker.IsCompleted)
        {
            _stop.Dispose();
        }
    }

    private bool WaitForChunk()
    {
        ValueTask<bool> wait = _chunks.Reader.WaitToReadAsync(_stopToken);
        return wait.IsCompletedSuccessfully ? wait.Result : wait.AsTask().GetAwaiter().GetResult();
    }

    private async Task PumpAsync(Func<CancellationToken, IAsyncEnumerable<IReadOnlyList<T>>> source)
    {
        Exception? failure = null;
        try
        {
            await foreach (IReadOnlyList<T> chunk in source(_stopToken).ConfigureAwait(false))
            {
                await _chunks.Writer.WriteAsync(chunk, _stopToken).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // Whatever it is, the consumer gets it: completing the channel with it rethrows it there.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
        }

        _chunks.Writer.Complete(failure);
    }
}
