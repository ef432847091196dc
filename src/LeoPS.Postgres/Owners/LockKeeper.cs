using System.Collections.Concurrent;
using System.Data;
using System.Diagnostics;
using LeoPS.Executions;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Owners;

/// <summary>
/// Holds an advisory lock per owned run, on a session of its own that is in no pool. The server frees the locks when the process ends, however
/// it ends. A session that is lost is opened anew, and the locks are taken again.
/// </summary>
internal sealed class LockKeeper(ConnectionSettings settings) : RunKeeper
{
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(1);
    private readonly ConcurrentQueue<Guid> _letGo = new();

    /// <summary>Without a pool, so that there is nothing to dispose of.</summary>
    private readonly ConnectionSource _source = ConnectionSource.Create(settings, options =>
    {
        options.ApplicationName += " keeper";
        options.Pooling = false;
        options.Timeout = 5;
    });

    private NpgsqlConnection? _connection;
    private long _usedAt;
    private (int ProcessId, DateTime Since)? _session;

    public override OwnershipEvidence Evidence => OwnershipEvidence.Lock;

    /// <summary>A second less than the grace that others give: whoever loses its runs must know before they do.</summary>
    protected override TimeSpan Patience => RunOwner.Grace - TimeSpan.FromSeconds(1);

    /// <summary>The locks were there as long as the session was, and that it was lost is found out at once.</summary>
    protected override long LostSince(OwnedRun run) => run.DoubtedAt;

    private bool IsOpen => _connection is { FullState: ConnectionState.Open };

    protected override void LetGo(Guid id) => _letGo.Enqueue(id);

    protected override async Task<bool> AcquireAsync(Guid id, CancellationToken cancellationToken)
    {
        await ReviveAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return (await LockAsync(new HeldScope(_connection!, settings, Context), [id], cancellationToken).ConfigureAwait(false)).Count > 0;
        }
        catch (Exception e)
        {
            // Whether it was given or not, nobody knows of it.
            await FreeUnknownAsync(CancellationToken.None).ConfigureAwait(false);
            throw PostgresErrors.Translate(e, settings.UserName ?? "", CancellationToken.None);
        }
    }

    public override string Owns(string id) => $"pg_try_advisory_lock({OwnerSql.LockOf(id)})";

    /// <summary>On the keeper's own session, whose locks they are to be: one round trip.</summary>
    protected override async Task<ClaimedRuns> TakeAsync(
        StatementScope scope, Func<StatementScope, CancellationToken, Task<ClaimedRuns>> claim, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Context.CommandTimeout!.Value);
        await ReviveAsync(patience.Token).ConfigureAwait(false);
        try
        {
            ClaimedRuns claimed = await claim(scope.On(_connection!), cancellationToken).ConfigureAwait(false);
            _usedAt = Stopwatch.GetTimestamp();
            return claimed;
        }
        catch (Exception e) when (IsLost(e) && e is not (OperationCanceledException or LeoException))
        {
            Lose();
            throw;
        }
        catch
        {
            // Locks of a session outlive the statement that failed.
            await FreeUnknownAsync(patience.Token).ConfigureAwait(false);
            throw;
        }
    }

    protected override async Task TendAsync(CancellationToken cancellationToken)
    {
        if (Runs.Count == 0 && !IsOpen)
        {
            return;
        }

        try
        {
            bool hadSession = IsOpen;
            try
            {
                await RoundAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (hadSession && IsLost(e))
            {
                // At once: others are looking whether the owner is there.
                Lose();
                await RoundAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (PostgresException e) when (!IsLost(e))
        {
            // The runs could not be looked at, but the session is there, and with it the locks.
        }
        catch
        {
            Lose();
            throw;
        }

        foreach (OwnedRun run in Runs.Where(r => r.IsProven))
        {
            run.Prove();
        }
    }

    protected override async Task CloseAsync()
    {
        NpgsqlConnection? connection = _connection;
        _connection = null;
        _session = null;
        _letGo.Clear();
        if (connection is not null)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The session for a claim, which cannot be repeated: one that has not been used for a moment may have been lost without a sign, and is tried first.</summary>
    private async Task ReviveAsync(CancellationToken cancellationToken)
    {
        try
        {
            bool hadSession = IsOpen && (IdleConnectionCheck.HasInput(_connection!) || Stopwatch.GetElapsedTime(_usedAt) > _fresh);
            StatementScope scope = await OpenAsync(cancellationToken).ConfigureAwait(false);
            if (hadSession)
            {
                try
                {
                    await LockAsync(scope, [], cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (IsLost(e))
                {
                    Lose();
                    await OpenAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e)
        {
            throw PostgresErrors.TranslateConnecting(e, settings, CancellationToken.None);
        }
    }

    /// <summary>Frees what this session has locked and no run of ours accounts for.</summary>
    private async Task FreeUnknownAsync(CancellationToken cancellationToken)
    {
        if (!IsOpen)
        {
            Lose();
            return;
        }

        try
        {
            StatementScope scope = new HeldScope(_connection!, settings, Context);
            await scope.RunAsync("free the locks of a claim that failed", OwnerSql.UnlockOthers(Runs.Select(r => r.Id)), Results.CountAsync, n => n, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or OperationCanceledException or InvalidOperationException)
        {
            // Then the session ends, and all locks with it; those of our runs are taken again at the next round.
            Lose();
        }
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        StatementScope scope = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await ProveAsync(scope, cancellationToken).ConfigureAwait(false);
        await UnlockAsync(scope, cancellationToken).ConfigureAwait(false);
        await LookAsync(scope, cancellationToken).ConfigureAwait(false);
        if (Runs.Count > 0)
        {
            _usedAt = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>True where the session went with the failure; the driver may not have noticed yet what the server said.</summary>
    private bool IsLost(Exception failure) =>
        !IsOpen || failure is not PostgresException server || PostgresErrors.IdOf(server.SqlState) == LeoErrorId.ConnectionLost;

    /// <summary>The session, opened anew where it was lost, with the locks of all runs.</summary>
    private async Task<StatementScope> OpenAsync(CancellationToken cancellationToken)
    {
        if (!IsOpen)
        {
            Lose();
            NpgsqlConnection connection = await _source.OpenAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                _session = await PrepareAsync(connection, _session, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            _connection = connection;
            await ProveAsync(new HeldScope(connection, settings, Context), cancellationToken).ConfigureAwait(false);
        }

        return new HeldScope(_connection!, settings, Context);
    }

    /// <summary>The locks went with the session.</summary>
    private void Lose()
    {
        bool hadSession = _connection is not null;
        _connection?.Dispose();
        _connection = null;
        _letGo.Clear();
        foreach (OwnedRun run in Runs)
        {
            run.Doubt();
        }

        if (hadSession)
        {
            TellLost();
        }
    }

    private async Task ProveAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        Guid[] lost = [.. Runs.Where(r => !r.IsProven).Select(r => r.Id)];
        if (lost.Length == 0)
        {
            return;
        }

        foreach (Guid id in await LockAsync(scope, lost, cancellationToken).ConfigureAwait(false))
        {
            if (Find(id) is { } run)
            {
                run.Prove();
            }
            else
            {
                _letGo.Enqueue(id);
            }
        }
    }

    private async Task UnlockAsync(StatementScope scope, CancellationToken cancellationToken)
    {
        var ids = new List<Guid>();
        while (_letGo.TryDequeue(out Guid id))
        {
            ids.Add(id);
        }

        if (ids.Count > 0)
        {
            await scope.RunAsync("free the locks of executions", OwnerSql.Unlock(ids), Results.CountAsync, n => n, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task<IReadOnlyList<Guid>> LockAsync(StatementScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        scope.RunAsync("lock executions", OwnerSql.Lock(ids), Results.IdsAsync, own => own.Count, cancellationToken);

    /// <summary>Makes a new session ready; one before it that the server still takes for alive is ended, since it holds the locks.</summary>
    private static async Task<(int ProcessId, DateTime Since)> PrepareAsync(NpgsqlConnection connection, (int ProcessId, DateTime Since)? before, CancellationToken cancellationToken)
    {
        var prepare = new NpgsqlBatchCommand(OwnerSql.Prepare);
        prepare.Parameters.Add(new NpgsqlParameter { Value = before?.ProcessId ?? 0 });
        prepare.Parameters.Add(new NpgsqlParameter { Value = before?.Since ?? DateTime.UnixEpoch });
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(OwnerSql.AsLogin), prepare } };
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return (reader.GetInt32(0), reader.GetDateTime(1));
    }
}
