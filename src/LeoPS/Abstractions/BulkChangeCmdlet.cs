using System.Management.Automation;
using LeoPS.Access;
using LeoPS.Binding;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Statuses;

namespace LeoPS.Abstractions;

/// <summary>
/// A cmdlet that changes many rows: takes changes from the pipe, keeps batches on their way, and writes objects and
/// errors in input order. Which table it is, and what a change does, is the derived cmdlet's.
/// </summary>
public abstract class BulkChangeCmdlet<TChange, TRow> : DatabaseCmdlet
    where TChange : class, IRowChange
    where TRow : class
{
    private readonly ChangeSummary _summary = new();
    private readonly List<TChange> _gathered = [];
    private readonly HashSet<object> _gatheredIds = [];
    private ChangePipeline<TChange, TRow>? _pipeline;
    private int _gatheredFailures;
    private CallProgress? _progress;
    private bool _bareIdsTold;

    /// <summary>All rows or none, in one transaction; nothing comes out before it is committed.</summary>
    [Parameter]
    public SwitchParameter Atomic { get; set; }

    /// <summary>Rows per statement. 1 stops exactly at the first error under -ErrorAction Stop.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    [WholeNumberTransformation]
    public int BatchSize { get; set; } = 1000;

    /// <summary>Writes one object with the figures instead of the rows.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>How the rows are written.</summary>
    private protected BulkOptions Options => new(BatchSize, Atomic);

    /// <summary>What a row is called in messages.</summary>
    private protected abstract string Noun { get; }

    /// <summary>Batches on their way at once, each on a connection of its own.</summary>
    private protected virtual int MaxInFlight => new ChangePipelineOptions().MaxInFlight;

    /// <summary>True where the rows come out as they are after the change, unless only the figures are wanted.</summary>
    private protected virtual bool ShowsRows => true;

    /// <summary>True where a row that was changed does not come out yet, since the derived cmdlet has more to do with it.</summary>
    private protected virtual bool KeepsBack(TRow row) => false;

    /// <inheritdoc/>
    private protected override bool ChangesRows => true;

    /// <summary>True where the user is told or asked before each change.</summary>
    private protected bool WillAskNow { get; private set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _progress = new CallProgress(MyInvocation.MyCommand.Name);
        WillAskNow = WillAsk;
        _pipeline = new ChangePipeline<TChange, TRow>(
            async (batch, token) => (await ApplyAsync(batch, token).ConfigureAwait(false)).Outcomes,
            new ChangePipelineOptions { BatchSize = BatchSize, MaxInFlight = MaxInFlight, Noun = Noun },
            StopToken);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Atomic)
        {
            ApplyGathered();
        }
        else
        {
            Drain(_pipeline!.Complete());
        }

        FlushLog();
        Show(_progress!.End());
        if (Summary)
        {
            _summary.Elapsed = _progress!.Elapsed;
            WriteObject(_summary);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _pipeline is { } pipeline)
        {
            _pipeline = null;
            StoppedWork stopped = pipeline.Stop();
            if (stopped.UnknownIds.Count > 0)
            {
                // The pipeline is gone, so its warning stream is too; the host still listens.
                Host?.UI.WriteWarningLine(
                    $"{stopped.UnknownIds.Count} {Noun}s were on their way when the call was stopped and the server gave no answer; read them again: {LeoErrors.Some(stopped.UnknownIds)}");
            }

            pipeline.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Writes changes as <see cref="Options"/> say: one batch, or all of them.</summary>
    private protected abstract Task<BulkResult<TRow>> ApplyAsync(IReadOnlyList<TChange> changes, CancellationToken cancellationToken);

    /// <summary>Takes one change.</summary>
    private protected void Add(TChange change)
    {
        if (change is StatusChange<TRow> { Guard: null } && !_bareIdsTold)
        {
            _bareIdsTold = true;
            WriteVerbose($"bare ids (first {change.Key}) are guarded by the transition only: {LeoErrors.WithArticle(Noun)} object also knows whether its row changed since it was read");
        }

        if (!Atomic)
        {
            Step(() => _pipeline!.Add(change));
        }
        else if (_gatheredIds.Add(change.Key))
        {
            _gathered.Add(change);
        }
        else
        {
            Reject(change.Source, LeoErrors.RepeatedId(Noun, change.Key));
        }
    }

    /// <summary>
    /// Takes one status change. Where the user is told or asked, the row is looked up as it is now, so that the question names what would
    /// move; what would not move anyway is settled without one.
    /// </summary>
    private protected void Move<TStatus>(StatusMove<TStatus> move, TChange change)
        where TStatus : struct, Enum
    {
        if (!WillAskNow)
        {
            Add(change);
            return;
        }

        TRow? row = LookUp(change);
        var seen = (IStatusRow<TStatus>?)(object?)row;
        switch (Verdict.Preview(move, change.Guard, (Guid)change.Key, seen, Database.Server.Role, change is StatusChange<TRow> { HasValues: true }))
        {
            case null:
                if (!IsForbidden(PlannedMove(move, (change as ExecutionChange)?.Values), change.Source) && ShouldProcess(Describe(row!), $"Move {seen!.Status} → {move.Target}"))
                {
                    Add(change);
                }

                break;
            case { Kind: VerdictKind.AlreadyThere }:
                Settle(ChangeOutcome<TRow>.Unchanged(change.Source, row!));
                break;
            case { Error: { } error }:
                Reject(change.Source, error);
                break;
        }
    }

    /// <summary>
    /// Takes one change that only the guard decides about. Where the user is told or asked, the row is looked up as it is now, so that the
    /// question names it; what would be refused anyway is refused without one.
    /// </summary>
    /// <param name="change">The change.</param>
    /// <param name="obstacle">What else about the row stands in the way; null for nothing.</param>
    /// <param name="action">What is done to the row, for questions.</param>
    private protected void AddGuarded<TStatus>(TChange change, Func<TRow, LeoException?> obstacle, string action)
        where TStatus : struct, Enum
    {
        if (change.Guard is null && !_bareIdsTold)
        {
            _bareIdsTold = true;
            WriteVerbose($"bare ids (first {change.Key}) have no guard: {LeoErrors.WithArticle(Noun)} object also knows whether its row changed since it was read");
        }

        if (!WillAskNow)
        {
            Add(change);
            return;
        }

        TRow? row = LookUp(change);
        var seen = (IStatusRow<TStatus>?)(object?)row;
        if (GuardedVerdict.Preview(Noun, change.Guard, (Guid)change.Key, seen, row is null ? null : obstacle(row), Database.Server.Role) is { } error)
        {
            Reject(change.Source, error);
        }
        else if (!IsForbidden(Planned(change), change.Source) && ShouldProcess(Describe(row!), action))
        {
            Add(change);
        }
    }

    /// <summary>A status change as a planned write.</summary>
    /// <param name="move">The change.</param>
    /// <param name="beside">What a run gets beside its status; null for nothing.</param>
    private protected static PlannedWrite PlannedMove<TStatus>(StatusMove<TStatus> move, RunValues? beside = null)
        where TStatus : struct, Enum => PlannedWrite.Of(
        move.Table.Noun,
        TableCommand.Update,
        [(typeof(TStatus) == typeof(HandoffStatus) ? "handoff_status" : "status", StatusNames<TStatus>.ToColumn(move.Target)), .. beside?.Known ?? []]).WithJson(beside?.States ?? []);

    /// <summary>What a change that only the guard decides about would write: a removal or an edit.</summary>
    private protected virtual PlannedWrite Planned(TChange change) =>
        PlannedWrite.Of(Noun, change is RowRemoval ? TableCommand.Delete : TableCommand.Update);

    /// <summary>The row of a change as it is now; null where it is not visible.</summary>
    private protected abstract TRow? LookUp(TChange change);

    /// <summary>What a question calls a row.</summary>
    private protected abstract string Describe(TRow row);

    /// <summary>Takes an input that failed before it became a change.</summary>
    private protected override void Reject(object? source, LeoException error) => Settle(ChangeOutcome<TRow>.Failed(source, error));

    /// <summary>Takes an input whose outcome is known already.</summary>
    private protected void Settle(ChangeOutcome<TRow> outcome)
    {
        if (!Atomic)
        {
            Step(() => _pipeline!.Settle(outcome));
        }
        else
        {
            _gatheredFailures += outcome.Kind == OutcomeKind.Failed ? 1 : 0;
            Write(outcome, batch: null);
        }
    }

    /// <summary>Writes what came of a row that did not go through the batches.</summary>
    private protected void WriteOutcome(ChangeOutcome<TRow> outcome) => Write(outcome, batch: null);

    /// <summary>Writes what comes of a selection that the server makes, batch by batch; the next one is asked for when this one is written.</summary>
    /// <param name="change">Changes the batches.</param>
    /// <param name="idOf">The id of a row.</param>
    private protected void WriteBatches(Func<CancellationToken, IAsyncEnumerable<IReadOnlyList<ChangeOutcome<TRow>>>> change, Func<TRow, Guid> idOf)
    {
        IAsyncEnumerator<IReadOnlyList<ChangeOutcome<TRow>>> batches = change(StopToken).GetAsyncEnumerator(StopToken);
        while (Await(_ => batches.MoveNextAsync().AsTask()))
        {
            IReadOnlyList<ChangeOutcome<TRow>> outcomes = batches.Current;
            var batch = new FinishedBatch<TRow>(outcomes, () => outcomes.Where(o => o.Kind == OutcomeKind.Changed).Select(o => (object)idOf(o.Row!)));
            foreach (ChangeOutcome<TRow> outcome in outcomes)
            {
                Write(outcome, batch);
            }
        }
    }

    /// <summary>Writes what a server-side selection came to.</summary>
    private protected void WriteSelection(SelectionResult<TRow> result)
    {
        if (result.RolledBack)
        {
            WriteAtomicResult(new BulkResult<TRow>(false, result.Outcomes));
            return;
        }

        long written = 0;
        foreach (ChangeOutcome<TRow> outcome in result.Outcomes)
        {
            written += outcome.Kind == OutcomeKind.Changed ? 1 : 0;
            Write(outcome, batch: null);
        }

        _summary.CountChanged(result.Changed - written);
    }

    private void Step(Action take) =>
        Drain(Guard(() =>
        {
            take();
            return _pipeline!.TakeFinished();
        }));

    private void Drain(IEnumerable<FinishedBatch<TRow>> finished)
    {
        using IEnumerator<FinishedBatch<TRow>> batches = finished.GetEnumerator();
        while (Guard(batches.MoveNext))
        {
            FlushLog();
            Write(batches.Current);
            Show(_progress!.Tell(() => $"{_summary.Changed:N0} changed, {_summary.Failed:N0} failed, {_pipeline!.InFlight:N0} on their way"));
            if (batches.Current.Lost is { } lost)
            {
                EndLost(lost, batches.Current.UnknownIds());
            }
        }
    }

    /// <summary>Ends the call where the connection broke: whatever was on its way is accounted for first.</summary>
    private void EndLost(LeoException lost, IReadOnlyList<object> unknownIds)
    {
        List<object> unknown = [.. unknownIds];
        using IEnumerator<FinishedBatch<TRow>> sent = _pipeline!.FinishSent().GetEnumerator();
        while (Guard(sent.MoveNext))
        {
            Write(sent.Current);
            unknown.AddRange(sent.Current.UnknownIds());
        }

        Guard<bool>(() => throw LeoErrors.CallLost(Noun, unknown, lost));
    }

    private void Write(FinishedBatch<TRow> batch)
    {
        foreach (ChangeOutcome<TRow> outcome in batch.Outcomes)
        {
            Write(outcome, batch);
        }
    }

    private void ApplyGathered()
    {
        if (_gatheredFailures > 0)
        {
            WriteRolledBack(_gathered.Count + _gatheredFailures, _gatheredFailures);
            return;
        }

        if (_gathered.Count == 0)
        {
            return;
        }

        WriteAtomicResult(Await(async token =>
        {
            try
            {
                return await ApplyAsync(_gathered, token).ConfigureAwait(false);
            }
            catch (LeoException lost) when (lost.ErrorId == LeoErrorId.ConnectionLost)
            {
                throw LeoErrors.AtomicLost(Noun, [.. _gathered.Select(c => c.Key)], lost);
            }
        }));
    }

    /// <summary>Writes what all or nothing came to.</summary>
    private protected void WriteAtomicResult(BulkResult<TRow> result)
    {
        if (result.Committed)
        {
            foreach (ChangeOutcome<TRow> outcome in result.Outcomes)
            {
                Write(outcome, batch: null);
            }

            return;
        }

        int failed = 0;
        foreach (ChangeOutcome<TRow> outcome in result.Outcomes.Where(o => o.Kind == OutcomeKind.Failed))
        {
            failed++;
            Write(outcome, batch: null);
        }

        WriteRolledBack(result.Outcomes.Count, failed);
    }

    private void WriteRolledBack(int rows, int failed) =>
        WriteRowError(LeoErrors.BatchRolledBack(Noun, rows, failed), null);

    private void Write(ChangeOutcome<TRow> outcome, FinishedBatch<TRow>? batch)
    {
        _summary.Count(outcome);
        if (outcome.Row is { } row && ShowsRows && !KeepsBack(row) && !Summary)
        {
            WriteObject(row);
        }

        if (outcome.Kind == OutcomeKind.Unchanged)
        {
            WriteVerbose($"{outcome.Row} is there already; nothing was written");
        }

        if (outcome.Note is { } note)
        {
            WriteWarning(note);
        }

        if (outcome.Error is { } error)
        {
            WriteRowError(ErrorsStop ? Last(error, batch) : error, outcome.Source);
        }
    }

    /// <summary>The error that ends the pipeline: batches on their way are cancelled first, and it lists what did change.</summary>
    private LeoException Last(LeoException error, FinishedBatch<TRow>? batch)
    {
        StoppedWork stopped = _pipeline!.Stop();
        object[] changed = [.. batch?.ChangedIds() ?? [], .. stopped.ChangedIds];
        object[] unknown = [.. batch?.UnknownIds() ?? [], .. stopped.UnknownIds];
        return LeoErrors.Ending(error, changed, unknown);
    }

    private void Show(ProgressRecord? record)
    {
        if (record is not null)
        {
            WriteProgress(record);
        }
    }
}
