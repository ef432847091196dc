using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using System.Net.Sockets;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.Postgres.Statements;
using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Owners;

/// <summary>
/// Keeps the runs that this process owns on one database: lets others tell that the process is there, and looks, several times a second, whether
/// the runs are still its own. It opens a session when the first run is owned, and closes it when none has been for a while.
/// </summary>
internal abstract class RunKeeper : IAsyncDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _intervalInTrouble = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _roundPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<Guid, OwnedRun> _runs = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Task? _loop;
    private long _idleSince = Stopwatch.GetTimestamp();
    private bool _inTrouble;

    /// <summary>How long a round may take, and how long to wait for a row that others hold.</summary>
    protected static readonly CallContext Context = new("keeper", TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5), null);

    /// <summary>The keeper's session was lost, and with it, most likely, every other one of this process that idled: they are of no use to whoever wants to end its runs now.</summary>
    public event EventHandler? SessionLost;

    /// <summary>By what others tell that this process is there.</summary>
    public abstract OwnershipEvidence Evidence { get; }

    /// <summary>This keeper's name in the rows.</summary>
    public string Name { get; } = Guid.NewGuid().ToString();

    private string Owner => $$"""
        {"host": {{JsonText.EscapeString(Environment.MachineName)}}, "pid": {{Environment.ProcessId}}, "user": {{JsonText.EscapeString(Environment.UserName)}}, "keeper": "{{Name}}", "evidence": "{{Evidence}}"}
        """;

    /// <summary>The process as a member of the metadata of a run that starts.</summary>
    public string Member(Statement statement) => OwnerSql.Member(statement.Add(Owner, NpgsqlDbType.Text), Evidence);

    /// <summary>How long the owner may be without proof before it has to take the runs as lost.</summary>
    protected abstract TimeSpan Patience { get; }

    /// <summary>From when the patience counts for a run that is not proven.</summary>
    protected abstract long LostSince(OwnedRun run);

    /// <summary>The runs that are owned now.</summary>
    protected IReadOnlyCollection<OwnedRun> Runs => [.. _runs.Values];

    /// <summary>Owns a run before there is one with this id; null where somebody has its lock, by chance.</summary>
    /// <exception cref="LeoException">ConnectionFailed where the session cannot be had.</exception>
    public async Task<OwnedRun?> OwnAsync(Guid id, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Not the caller's token: a lock that the server gave and nobody knows of would be kept until the process ends.
            using var patience = new CancellationTokenSource(_roundPatience);
            if (!await AcquireAsync(id, patience.Token).ConfigureAwait(false))
            {
                return null;
            }

            var run = new OwnedRun(id, this);
            _runs[id] = run;
            _loop ??= Task.Run(RunAsync, CancellationToken.None);
            return run;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Takes runs from a queue and owns them: the statement itself sees to it that a run that starts is owned before anybody can see it going
    /// (<see cref="Owns"/>), and a statement that fails leaves nothing owned.
    /// </summary>
    /// <param name="scope">Where the call's statements run.</param>
    /// <param name="claim">The statement.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<ClaimedRuns> ClaimAsync(StatementScope scope, Func<StatementScope, CancellationToken, Task<ClaimedRuns>> claim, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ClaimedRuns claimed = await TakeAsync(scope, claim, cancellationToken).ConfigureAwait(false);
            foreach (ReadItem<FlowExecution> item in claimed.Rows)
            {
                var run = new OwnedRun(item.Row.Id, this);
                run.Stand(item.Row.RowVersion);
                if (_runs.TryRemove(run.Id, out OwnedRun? old))
                {
                    // Its lock has been counted twice.
                    LetGo(run.Id);
                    old.Finish(new OwnershipEnd(ExecutionStatus.Pending, Moved(ExecutionStatus.Pending)));
                }

                _runs[run.Id] = run;
            }

            _loop ??= Task.Run(RunAsync, CancellationToken.None);
            return claimed;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The condition that owns a run within a claim, and is true where it did.</summary>
    public abstract string Owns(string id);

    /// <summary>A run that is owned; null where it is not.</summary>
    public OwnedRun? Find(Guid id) => _runs.GetValueOrDefault(id);

    /// <summary>Gives a run up, and what proves its ownership at the next round; one that is not owned any more does not matter.</summary>
    public void Release(OwnedRun run)
    {
        if (_runs.TryRemove(new KeyValuePair<Guid, OwnedRun>(run.Id, run)))
        {
            LetGo(run.Id);
        }
    }

    /// <summary>This process has ended runs; whoever holds one of them hears it at once.</summary>
    /// <param name="ids">The runs.</param>
    /// <param name="status">What they are now.</param>
    /// <param name="why">Why; null for what the status says.</param>
    public void Ended(IEnumerable<Guid> ids, ExecutionStatus status, string? why = null)
    {
        foreach (OwnedRun run in ids.Select(Find).OfType<OwnedRun>())
        {
            Finish(run, new OwnershipEnd(status, why ?? Moved(status)));
        }
    }

    /// <summary>The changes with the versions that their rows have now, where this keeper alone wrote them since they were read; nothing is written until the hold is disposed.</summary>
    public virtual ValueTask<(IReadOnlyList<ExecutionChange> Changes, IDisposable? Hold)> HoldAsync(IReadOnlyList<ExecutionChange> changes, CancellationToken cancellationToken) =>
        ValueTask.FromResult((changes, (IDisposable?)null));

    /// <summary>Closes the session, where nothing is owned.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_runs.IsEmpty)
            {
                await CloseAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Proves the ownership of a new run to the server; true where it is now owned.</summary>
    protected abstract Task<bool> AcquireAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Carries a claim out, where <see cref="Owns"/> takes effect.</summary>
    protected abstract Task<ClaimedRuns> TakeAsync(StatementScope scope, Func<StatementScope, CancellationToken, Task<ClaimedRuns>> claim, CancellationToken cancellationToken);

    /// <summary>One round: proves the ownership of all runs, and looks at them.</summary>
    protected abstract Task TendAsync(CancellationToken cancellationToken);

    /// <summary>Tells that the session was lost.</summary>
    protected void TellLost() => SessionLost?.Invoke(this, EventArgs.Empty);

    /// <summary>Takes note that a run is given up.</summary>
    protected abstract void LetGo(Guid id);

    /// <summary>Closes the session.</summary>
    protected abstract Task CloseAsync();

    /// <summary>Waits until nothing else is done; whoever has the turn gives it back by disposing it.</summary>
    protected async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(_turn);
    }

    /// <summary>Looks at the runs, and ends the ownership of those that are no longer this keeper's.</summary>
    protected async Task LookAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        OwnedRun[] standing = [.. Runs.Where(r => r.Stands)];
        if (standing.Length == 0)
        {
            return;
        }

        Dictionary<Guid, (string? Status, string? Keeper)> seen =
            await scope.RunAsync("look at owned executions", OwnerSql.Look(standing.Select(r => r.Id)), ReadLookAsync, s => s.Count, cancellationToken).ConfigureAwait(false);
        foreach (OwnedRun run in standing)
        {
            if (Judge(seen.TryGetValue(run.Id, out (string? Status, string? Keeper) row) ? row : null) is { } end)
            {
                Finish(run, end);
            }
        }
    }

    private OwnershipEnd? Judge((string? Status, string? Keeper)? seen)
    {
        if (seen is not { } row)
        {
            return new OwnershipEnd(null, "its row is gone, or hidden by row level security");
        }

        ExecutionStatus? status = row.Status is { } text && StatusNames<ExecutionStatus>.TryFromColumn(text, out ExecutionStatus known) ? known : null;
        return status != ExecutionStatus.Running ? new OwnershipEnd(status, Moved(status))
            : row.Keeper is { } keeper && keeper != Name ? new OwnershipEnd(null, "another process owns it now")
            : null;
    }

    private static string Moved(ExecutionStatus? status) => $"somebody moved it to {status?.ToString() ?? "no status"}";

    private void Finish(OwnedRun run, OwnershipEnd end)
    {
        Release(run);
        run.Finish(end);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await Task.Delay(_inTrouble ? _intervalInTrouble : _interval).ConfigureAwait(false);
            await _turn.WaitAsync().ConfigureAwait(false);
            try
            {
                if (!_runs.IsEmpty)
                {
                    _idleSince = Stopwatch.GetTimestamp();
                }
                else if (Stopwatch.GetElapsedTime(_idleSince) > _idle)
                {
                    await CloseAsync().ConfigureAwait(false);
                    _loop = null;
                    return;
                }

                using var patience = new CancellationTokenSource(_roundPatience);
                await TendAsync(patience.Token).ConfigureAwait(false);
                _inTrouble = Runs.Any(r => !r.IsProven);
                GiveUpUnproven("another session holds its lock");
            }
            catch (Exception e) when (e is DbException or LeoException or IOException or SocketException or TimeoutException or OperationCanceledException or InvalidOperationException)
            {
                // Tried again in a moment, until the patience is at an end; then the owner hears of it.
                _inTrouble = true;
                foreach (OwnedRun run in Runs)
                {
                    run.Doubt();
                }

                GiveUpUnproven(e.Message.TrimEnd('.'));
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    private void GiveUpUnproven(string trouble)
    {
        foreach (OwnedRun run in Runs.Where(r => !r.IsProven && Stopwatch.GetElapsedTime(LostSince(r)) > Patience))
        {
            Finish(run, new OwnershipEnd(null, $"the connection that keeps it was lost and did not come back in time ({trouble})", Lost: true));
        }
    }

    private static async Task<Dictionary<Guid, (string? Status, string? Keeper)>> ReadLookAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var seen = new Dictionary<Guid, (string? Status, string? Keeper)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            seen[reader.GetGuid(0)] = (reader.IsDBNull(1) ? null : reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2));
        }

        return seen;
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        private SemaphoreSlim? _turn = turn;

        public void Dispose() => Interlocked.Exchange(ref _turn, null)?.Release();
    }
}
