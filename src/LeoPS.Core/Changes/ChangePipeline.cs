namespace LeoPS.Changes;

/// <summary>
/// Cuts a stream of changes into batches, keeps several on their way, and gives the outcomes back in input order.
/// Belongs to one thread; only <paramref name="apply"/> runs on others.
/// </summary>
/// <param name="apply">Writes one batch: one outcome per change, in the order given.</param>
/// <param name="options">How to cut.</param>
/// <param name="stop">Cancels what is on its way.</param>
public sealed class ChangePipeline<TChange, TRow>(
    Func<IReadOnlyList<TChange>, CancellationToken, Task<IReadOnlyList<ChangeOutcome<TRow>>>> apply,
    ChangePipelineOptions options,
    CancellationToken stop) : IDisposable
    where TChange : class, IRowChange
    where TRow : class
{
    /// <summary>How long stopping waits for the batches on their way.</summary>
    public static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private readonly HashSet<Guid> _seen = [];
    private readonly Queue<Batch> _inFlight = new();
    private Batch _filling = new(options.BatchSize);
    private bool _stopped;

    /// <summary>Changes that stand in a batch on its way.</summary>
    public int InFlight => _inFlight.Sum(b => b.Changes.Count);

    /// <summary>Takes one change; may send a batch, and then waits while too many are on their way.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Add(TChange change)
    {
        if (!_seen.Add(change.Id))
        {
            Reject(change.Source, LeoErrors.RepeatedId(options.Noun, change.Id));
            return;
        }

        _filling.Slots.Add(null);
        _filling.Changes.Add(change);
        SendIfDue();
    }

    /// <summary>Takes an input that failed before it became a change; its outcome keeps its place in the order.</summary>
    public void Reject(object? source, LeoException error) => Settle(ChangeOutcome<TRow>.Failed(source, error));

    /// <summary>Takes an input whose outcome is known already; it keeps its place in the order.</summary>
    public void Settle(ChangeOutcome<TRow> outcome)
    {
        _filling.Slots.Add(outcome);
        SendIfDue();
    }

    /// <summary>The outcomes of batches that are done and have none before them that is not. Throws what a batch threw.</summary>
    public IEnumerable<FinishedBatch<TRow>> TakeFinished()
    {
        while (_inFlight.TryPeek(out Batch? head) && head.Work!.IsCompleted)
        {
            _inFlight.Dequeue();
            yield return head.Finish();
        }
    }

    /// <summary>Sends what is left and gives every outcome that is still to come.</summary>
    public IEnumerable<FinishedBatch<TRow>> Complete()
    {
        Send();
        while (_inFlight.TryDequeue(out Batch? head))
        {
            Wait(head);
            yield return head.Finish();
        }
    }

    /// <summary>
    /// Cancels what is on its way and waits for it, at most <see cref="StopPatience"/>. Rows not sent stay as they are.
    /// </summary>
    /// <returns>Which rows changed all the same, and of which nobody knows.</returns>
    public StoppedWork Stop()
    {
        if (_stopped)
        {
            return StoppedWork.None;
        }

        _stopped = true;
        _stop.Cancel();
        _filling = new Batch(0);
        var changed = new List<Guid>();
        var unknown = new List<Guid>();
        DateTimeOffset deadline = TimeProvider.System.GetUtcNow() + StopPatience;
        while (_inFlight.TryDequeue(out Batch? batch))
        {
            TimeSpan left = deadline - TimeProvider.System.GetUtcNow();
            // A cancelled or failed batch is an answer here, not an accident.
            ((Task)batch.Work!).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            if (batch.Work.IsCompletedSuccessfully)
            {
                changed.AddRange(batch.ChangedIds());
            }
            else if (!batch.Work.IsCompleted || batch.Work.Exception?.InnerException is LeoException { ErrorId: LeoErrorId.ConnectionLost })
            {
                unknown.AddRange(batch.Changes.Select(c => c.Id));
            }
        }

        return new StoppedWork(changed, unknown);
    }

    /// <summary>Stops.</summary>
    public void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    private void SendIfDue()
    {
        if (_filling.Slots.Count >= options.BatchSize || options.Clock.GetElapsedTime(_filling.Since(options.Clock)) >= options.MaxAge)
        {
            Send();
        }
    }

    private void Send()
    {
        if (_filling.Slots.Count == 0)
        {
            return;
        }

        while (_inFlight.Count(b => !b.Work!.IsCompleted) >= options.MaxInFlight)
        {
            Wait(_inFlight.First(b => !b.Work!.IsCompleted));
        }

        Batch batch = _filling;
        _filling = new Batch(options.BatchSize);
        batch.Work = batch.Changes.Count == 0
            ? Task.FromResult<IReadOnlyList<ChangeOutcome<TRow>>>([])
            : Task.Run(() => apply(batch.Changes, _stop.Token), CancellationToken.None);
        _inFlight.Enqueue(batch);
        if (options.BatchSize == 1)
        {
            Wait(batch);
        }
    }

    private void Wait(Batch batch)
    {
        ((Task)batch.Work!).WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        _stop.Token.ThrowIfCancellationRequested();
    }

    private sealed class Batch(int capacity)
    {
        private long? _since;

        public List<TChange> Changes { get; } = new(Math.Min(capacity, 1000));

        /// <summary>One per input: its outcome, or null where the batch's work will tell.</summary>
        public List<ChangeOutcome<TRow>?> Slots { get; } = new(Math.Min(capacity, 1000));

        public Task<IReadOnlyList<ChangeOutcome<TRow>>>? Work { get; set; }

        public long Since(TimeProvider clock) => _since ??= clock.GetTimestamp();

        public IEnumerable<Guid> ChangedIds() =>
            Work!.Result.Zip(Changes).Where(p => p.First.Kind == OutcomeKind.Changed).Select(p => p.Second.Id);

        public FinishedBatch<TRow> Finish()
        {
            IReadOnlyList<ChangeOutcome<TRow>> worked = Work!.GetAwaiter().GetResult();
            int next = 0;
            var outcomes = new ChangeOutcome<TRow>[Slots.Count];
            for (int i = 0; i < outcomes.Length; i++)
            {
                outcomes[i] = Slots[i] ?? worked[next++];
            }

            return new FinishedBatch<TRow>(outcomes, ChangedIds);
        }
    }
}
