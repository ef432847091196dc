using System.Runtime.CompilerServices;

namespace LeoPS.Units.Reading;

/// <summary>Stands in for a statement: counts its chunks, stops or fails where told, and tells whether it was closed.</summary>
internal sealed class FakeSource
{
    private readonly TaskCompletionSource _closeNow = new();
    private volatile int _made;
    private volatile int _taken;
    private volatile bool _opened;

    /// <summary>After so many chunks it waits for ever, as a server does that does not answer.</summary>
    public int StopsAfter { get; init; } = int.MaxValue;

    public int Ends { get; init; } = int.MaxValue;

    public int FailsAfter { get; init; } = int.MaxValue;

    public Exception? Failure { get; init; }

    /// <summary>Milliseconds that closing takes.</summary>
    public int ClosesIn { get; init; }

    public int Made => _made;

    /// <summary>The chunks that the test has taken; it counts them here.</summary>
    public int Taken
    {
        get => _taken;
        set => _taken = value;
    }

    /// <summary>By how many chunks the source was ahead of the test, at the most.</summary>
    public int FurthestAhead { get; private set; }

    public bool Closed { get; private set; }

    public async IAsyncEnumerable<IReadOnlyList<int>> ReadAsync([EnumeratorCancellation] CancellationToken token)
    {
        _opened = true;
        try
        {
            for (int i = 0; i < Ends; i++)
            {
                if (i == FailsAfter)
                {
                    throw Failure!;
                }

                if (i == StopsAfter)
                {
                    await Task.Delay(Timeout.Infinite, token);
                }

                _made = i + 1;
                FurthestAhead = Math.Max(FurthestAhead, _made - _taken);
                yield return [i];
            }
        }
        finally
        {
            await Task.WhenAny(Task.Delay(ClosesIn, CancellationToken.None), _closeNow.Task);
            Closed = true;
        }
    }

    public void CloseNow() => _closeNow.SetResult();

    public Task MadeAsync(int chunks) => UntilAsync(() => _made >= chunks);

    public Task OpenedAsync() => UntilAsync(() => _opened);

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isSo())
        {
            await Task.Delay(1, patience.Token);
        }
    }
}
