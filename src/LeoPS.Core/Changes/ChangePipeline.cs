namespace LeoPS.Changes;

/// <summary>
/// Cuts a stream of changes into batches, keeps several on their way, and gives the outcomes back in input order.
/// Belongs to one thread; only <paramref name="apply"/> runs on others, and begins on this one where nothing else is to be done meanwhile.
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

    /// <summary>Batches whose outcomes may pile up behind one that takes long: memory must not grow with the stream.</summary>
    internal const int MaxUntaken = 32;

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private readonly HashSet<object> _seen = [];
    private readonly Queue<Batch> _inFlight = new();
    private Batch _filling = new(options.BatchSize);
    private bool _stopped;

    /// <summary>Changes that stand in a batch on its way.</summary>
    public int InFlight => _inFlight.Sum(b => b.Changes.Count);

    /// <summary>Takes one change; may send a batch, and then waits while too many are on their way.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Add(TChange change)
    {
        ThrowIfStopped();
        if (!_seen.Add(change.Key))
        {
            Reject(change.Source, LeoErrors.RepeatedId(options.Noun, change.Key));
            return;
        }

        _filling.Slots.Add(null);
        _filling.Changes.Add(change);
        SendIfDue();
    }

    /// <summary>Takes an input that failed before it became a change; its outcome keeps its place in the order.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Reject(object? source, LeoException error) => Settle(ChangeOutcome<TRow>.Failed(source, error));

    /// <summary>Takes an input whose outcome is known already; it keeps its place in the order.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Settle(ChangeOutcome<TRow> outcome)
    {
        ThrowIfStopped();
        _filling.Slots.Add(outcome);
        SendIfDue();
    }

    /// <summary>
    /// The outcomes of batches that are done and have none before them that is not. Where the connection broke, its rows have failed with that; throws
    /// what a batch threw otherwise.
    /// </summary>
    public IEnumerable<FinishedBatch<TRow>> TakeFinished()
    {
        while (_inFlight.TryPeek(out Batch? head) && head.Work!.IsCompleted)
        {
            _inFlight.Dequeue();
            yield return head.Finish(options.Noun, failures: false);
        }
    }

    /// <summary>Sends what is left and gives every outcome that is still to come. Throws what a batch threw.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public IEnumerable<FinishedBatch<TRow>> Complete()
    {
        ThrowIfStopped();
        Send(last: true);
        while (_inFlight.TryPeek(out Batch? head))
        {
            // It leaves the queue only when it is done: a wait that is broken off leaves it to Stop.
            Wait(head);
            _inFlight.Dequeue();
            yield return head.Finish(options.Noun, failures: false);
        }
    }

    /// <summary>Sends nothing more, and gives the outcomes of what is on its way: for when the connection is lost. What a batch threw is what its rows failed with.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public IEnumerable<FinishedBatch<TRow>> FinishSent()
    {
        _filling = new Batch(0);
        while (_inFlight.TryPeek(out Batch? head))
        {
            Wait(head);
            _inFlight.Dequeue();
            yield return head.Finish(options.Noun, failures: true);
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
        Batch[] sent = [.. _inFlight];
        _inFlight.Clear();
        _filling = new Batch(0);

        // Not here: what is called by a cancellation may itself wait for the server.
        _ = _stop.CancelAsync();
        Task all = Task.WhenAll(sent.Select(b => b.Work!));

        // A cancelled or failed batch is an answer here, not an accident, even when it comes late.
        _ = all.ContinueWith(static done => done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        all.WaitAsync(StopPatience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        var changed = new List<object>();
        var unknown = new List<object>();
        foreach (Batch batch in sent)
        {
            if (batch.Work!.IsCompletedSuccessfully)
            {
                changed.AddRange(batch.ChangedIds());
                unknown.AddRange(batch.UnknownIds());
            }
            else if (!batch.Work.IsCanceled && batch.Work.Exception?.InnerException is not LeoException { ErrorId: not LeoErrorId.ConnectionLost })
            {
                unknown.AddRange(batch.Changes.Select(c => c.Key));
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

    /// <param name="last">True where nothing is done meanwhile but to wait.</param>
    private void Send(bool last = false)
    {
        if (_filling.Slots.Count == 0)
        {
            return;
        }

        ThrowIfStopped();
        while (Hindrance() is { } earlier)
        {
            Wait(earlier);
        }

        Batch batch = _filling;
        _filling = new Batch(options.BatchSize);
        CancellationToken token = _stop.Token;
        batch.Work = batch.Changes.Count == 0
            ? Task.FromResult<IReadOnlyList<ChangeOutcome<TRow>>>([])
            : (last || options.BatchSize == 1) && _inFlight.Count == 0 ? OnThisThread.Begin(() => apply(batch.Changes, token))
            : Task.Run(() => apply(batch.Changes, token), CancellationToken.None);
        _inFlight.Enqueue(batch);
        if (options.BatchSize == 1)
        {
            Wait(batch);
        }
    }

    /// <summary>The batch that has to be done before another may leave; null where none has.</summary>
    private Batch? Hindrance()
    {
        // Looked at once: they end while we look.
        Batch[] running = [.. _inFlight.Where(b => !b.Work!.IsCompleted)];
        return running.Length >= options.MaxInFlight || (_inFlight.Count >= MaxUntaken && running.FirstOrDefault() == _inFlight.Peek())
            ? running.FirstOrDefault()
            : null;
    }

    private void ThrowIfStopped()
    {
        if (_stop.IsCancellationRequested)
        {
            throw new OperationCanceledException("The call was stopped.");
        }
    }

    private void Wait(Batch batch)
    {
        ((Task)batch.Work!).WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        ThrowIfStopped();
    }

    private sealed class Batch(int capacity)
    {
        private long? _since;

        public List<TChange> Changes { get; } = new(Math.Min(capacity, 1000));

        /// <summary>One per input: its outcome, or null where the batch's work will tell.</summary>
        public List<ChangeOutcome<TRow>?> Slots { get; } = new(Math.Min(capacity, 1000));

        public Task<IReadOnlyList<ChangeOutcome<TRow>>>? Work { get; set; }

        public long Since(TimeProvider clock) => _since ??= clock.GetTimestamp();

        public IEnumerable<object> ChangedIds() =>
            Work!.Result.Zip(Changes).Where(p => p.First.Kind == OutcomeKind.Changed).Select(p => p.Second.Key);

        public IEnumerable<object> UnknownIds() =>
            Work!.Result.Zip(Changes).Where(p => p.First.Error?.ErrorId == LeoErrorId.ConnectionLost).Select(p => p.Second.Key);

        /// <param name="noun">What a row is called.</param>
        /// <param name="failures">True where whatever broke the batch is its rows' outcome, and not thrown.</param>
        public FinishedBatch<TRow> Finish(string noun, bool failures)
        {
            var failure = Work!.Exception?.InnerException as LeoException;
            if (failure is { ErrorId: LeoErrorId.ConnectionLost })
            {
                return Fill([.. Changes.Select(c => ChangeOutcome<TRow>.Failed(c.Source, LeoErrors.Unanswered(noun, c.Key, failure)))], () => [], failure);
            }

            if (failure is not null && failures)
            {
                return Fill([.. Changes.Select(c => ChangeOutcome<TRow>.Failed(c.Source, failure))], () => [], null);
            }

            IReadOnlyList<ChangeOutcome<TRow>> worked = Work.GetAwaiter().GetResult();
            return Fill(worked, ChangedIds, worked.FirstOrDefault(o => o.Error?.ErrorId == LeoErrorId.ConnectionLost)?.Error);
        }

        private FinishedBatch<TRow> Fill(IReadOnlyList<ChangeOutcome<TRow>> worked, Func<IEnumerable<object>> changedIds, LeoException? lost)
        {
            int next = 0;
            var outcomes = new ChangeOutcome<TRow>[Slots.Count];
            for (int i = 0; i < outcomes.Length; i++)
            {
                outcomes[i] = Slots[i] ?? worked[next++];
            }

            return new FinishedBatch<TRow>(outcomes, changedIds, lost);
        }
    }
}
