using System.Collections.Concurrent;
using System.Diagnostics;
using LeoPS.Executions;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.Postgres.Owners;

/// <summary>
/// Renews a time in the metadata of each owned run, for a pooler that shares sessions between transactions, on which nobody can hold a lock. Each
/// beat gives the row another version; so changes of this process that know an earlier one are given the one of the last beat.
/// </summary>
internal sealed class HeartbeatKeeper(ConnectionSettings settings) : RunKeeper
{
    private readonly ConcurrentDictionary<Guid, long> _beats = new();
    private ConnectionSource? _source;
    private string? _rowVersion;

    public override OwnershipEvidence Evidence => OwnershipEvidence.Heartbeat;

    /// <summary>Less than the silence after which others take the owner for gone.</summary>
    protected override TimeSpan Patience => RunOwner.Silence - TimeSpan.FromSeconds(2);

    /// <summary>Others count from the last beat.</summary>
    protected override long LostSince(OwnedRun run) => run.ProvenAt;

    public override async ValueTask<(IReadOnlyList<ExecutionChange> Changes, IDisposable? Hold)> HoldAsync(
        IReadOnlyList<ExecutionChange> changes, CancellationToken cancellationToken)
    {
        if (!changes.Any(c => Find(c.Id) is not null))
        {
            return (changes, null);
        }

        IDisposable hold = await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        return ([.. changes.Select(Renew)], hold);
    }

    protected override void LetGo(Guid id) => _beats.TryRemove(id, out _);

    /// <summary>There is nothing to take: the first beat is written with the row.</summary>
    protected override Task<bool> AcquireAsync(Guid id, CancellationToken cancellationToken) => Task.FromResult(true);

    public override string Owns(string id) => "true";

    protected override Task<ClaimedRuns> TakeAsync(StatementScope scope, Func<StatementScope, CancellationToken, Task<ClaimedRuns>> claim, CancellationToken cancellationToken) =>
        claim(scope, cancellationToken);

    protected override async Task TendAsync(CancellationToken cancellationToken)
    {
        if (Runs.Count == 0)
        {
            return;
        }

        _source ??= ConnectionSource.Create(settings, options => options.MaxPoolSize = 1);
        var scope = new PooledScope(_source, settings, Context);
        OwnedRun[] due = [.. Runs.Where(r => r.Stands && (!r.IsProven || Stopwatch.GetElapsedTime(_beats.GetOrAdd(r.Id, r.ProvenAt)) >= RunOwner.Beat))];
        if (due.Length > 0)
        {
            _rowVersion ??= new ExecutionSql(await RelationShape.LoadAsync(scope, ExecutionColumns.Table, cancellationToken).ConfigureAwait(false)).RowVersion;
            Dictionary<Guid, uint?> beaten = await scope.RunAsync(
                "beat for owned executions", OwnerSql.Beat(due.Select(r => r.Id), Name, _rowVersion), ReadBeatsAsync, b => b.Count, cancellationToken).ConfigureAwait(false);
            foreach (OwnedRun run in due)
            {
                // One that somebody holds is tried again at the next round; nobody can take it meanwhile.
                run.Prove();
                if (beaten.TryGetValue(run.Id, out uint? version))
                {
                    run.Note(version);
                    _beats[run.Id] = Stopwatch.GetTimestamp();
                }
            }
        }

        await LookAsync(scope, cancellationToken).ConfigureAwait(false);
    }

    protected override async Task CloseAsync()
    {
        ConnectionSource? source = _source;
        _source = null;
        if (source is not null)
        {
            await source.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ExecutionChange Renew(ExecutionChange change) =>
        change.Guard is { RowVersion: { } version } guard && Find(change.Id) is { } run && run.Knows(version)
            ? change with { Guard = guard with { RowVersion = run.Version } }
            : change;

    private static async Task<Dictionary<Guid, uint?>> ReadBeatsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var beaten = new Dictionary<Guid, uint?>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            beaten[reader.GetGuid(0)] = reader.IsDBNull(1) ? null : reader.GetFieldValue<uint>(1);
        }

        return beaten;
    }
}
