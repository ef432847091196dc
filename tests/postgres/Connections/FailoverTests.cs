using System.Diagnostics;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;
using Xunit.Abstractions;

namespace LeoPS.PostgresTests.Connections;

/// <summary>A primary that dies under a running bulk update, whose commits wait until the standby has applied them.</summary>
public sealed class FailoverTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int BatchSize = 100;
    private const int InFlight = 3;

    private readonly TestCluster _cluster = new();

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [PostgresFact(unix: true)]
    public Task A_failover_moves_no_row_twice_and_loses_none() => FailOverAsync(rows: 20_000, doneBefore: 1_000);

    [PostgresFact(unix: true, slow: true)]
    public Task A_failover_in_the_middle_of_many_rows_moves_none_twice_and_loses_none() => FailOverAsync(rows: 200_000, doneBefore: 100_000);

    private async Task FailOverAsync(int rows, int doneBefore)
    {
        await using ILeoDatabase database = await new PostgresStorage().ConnectAsync(_cluster.Settings, CancellationToken.None);
        await FillAsync(database, rows);
        await _cluster.WaitForStandbyAsync();
        List<HandoffPreparation> ready = await ReadAsync(database, HandoffStatus.Ready);
        Assert.Equal(rows, ready.Count);

        (List<Guid> changed, List<Guid> unknown) = await MoveUntilLostAsync(database, ready, doneBefore);
        Assert.Equal(BatchSize * InFlight, unknown.Count);
        Assert.InRange(changed.Count, doneBefore, rows - unknown.Count);

        await _cluster.PromoteAsync();
        long start = Stopwatch.GetTimestamp();
        List<HandoffPreparation> left = await ReadAsync(database, HandoffStatus.Ready);
        output.WriteLine($"after the promotion the next command took {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms; {changed.Count} rows answered, {unknown.Count} unanswered, {left.Count} left");
        Assert.Equal(_cluster.StandbyPort, (await database.TestAsync(HandoffDatabase.Context, CancellationToken.None)).Port);

        // What was answered is there; what was not may be.
        Assert.Empty(left.Select(h => h.Id).Intersect(changed));
        Assert.InRange(left.Count, rows - changed.Count - unknown.Count, rows - changed.Count);

        // Whoever just sends the unanswered objects once more moves none of them twice.
        HashSet<Guid> asked = [.. unknown];
        ChangeOutcome<HandoffPreparation>[] again =
            [.. await database.Handoffs.ChangeAsync(Sent, [.. ready.Where(h => asked.Contains(h.Id)).Select(HandoffDatabase.Of)], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync()];
        Assert.DoesNotContain(again, o => o.Kind != OutcomeKind.Changed && o.Error!.ErrorId != LeoErrorId.StatusConflict);
        using (ChangePipeline<StatusChange<HandoffPreparation>, HandoffPreparation> rest = PipelineOver(database))
        {
            foreach (HandoffPreparation handoff in left.Where(h => !asked.Contains(h.Id)))
            {
                rest.Add(HandoffDatabase.Of(handoff));
            }

            AssertEach.Of(rest.Complete().SelectMany(b => b.Outcomes), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        }

        Assert.Equal(rows, await _cluster.ScalarAsync<long>(_cluster.StandbyPort, "select count(*) from exec_handoff_preparations where handoff_status = 'sent'"));
        Assert.Equal(rows, await _cluster.ScalarAsync<long>(
            _cluster.StandbyPort, "select count(distinct row_id) from leops.handoff_history where from_status = 'ready' and to_status = 'sent'"));
        Assert.Equal(rows, await _cluster.ScalarAsync<long>(
            _cluster.StandbyPort, "select count(*) from leops.handoff_history where from_status = 'ready'"));
    }

    /// <summary>Moves rows; when enough are done the standby stops applying, and when all that is on its way waits for it, the primary dies.</summary>
    private async Task<(List<Guid> Changed, List<Guid> Unknown)> MoveUntilLostAsync(ILeoDatabase database, List<HandoffPreparation> ready, int doneBefore)
    {
        var changed = new List<Guid>();
        var unknown = new List<Guid>();
        using ChangePipeline<StatusChange<HandoffPreparation>, HandoffPreparation> pipeline = PipelineOver(database);
        Task? death = null;
        bool Take(IEnumerable<FinishedBatch<HandoffPreparation>> finished)
        {
            bool lost = false;
            foreach (FinishedBatch<HandoffPreparation> batch in finished)
            {
                changed.AddRange(batch.ChangedIds().Cast<Guid>());
                unknown.AddRange(batch.UnknownIds().Cast<Guid>());
                lost |= batch.Lost is not null;
            }

            return lost;
        }

        foreach (HandoffPreparation handoff in ready)
        {
            pipeline.Add(HandoffDatabase.Of(handoff));
            if (Take(pipeline.TakeFinished()))
            {
                break;
            }

            if (death is null && changed.Count >= doneBefore)
            {
                death = DieAsync();
            }
        }

        Take(pipeline.FinishSent());
        await death!;
        return (changed, unknown);
    }

    private async Task DieAsync()
    {
        try
        {
            await _cluster.RunAsync(_cluster.StandbyPort, "select pg_wal_replay_pause()");

            // One has its COMMIT at the standby; the history's notifications let only one commit at a time, so the others wait for that one.
            await _cluster.UntilAsync(
                _cluster.PrimaryPort,
                "select count(*) filter (where wait_event = 'SyncRep') * count(*) from pg_stat_activity where wait_event = 'SyncRep' or wait_event_type = 'Lock'",
                InFlight);
        }
        finally
        {
            await _cluster.KillPrimaryAsync();
        }
    }

    private static StatusMove<HandoffStatus> Sent => HandoffDatabase.MoveTo(HandoffStatus.Sent);

    private static ChangePipeline<StatusChange<HandoffPreparation>, HandoffPreparation> PipelineOver(ILeoDatabase database) => new(
        (batch, token) => database.Handoffs.ChangeAsync(Sent, batch, Bulk.Each, HandoffDatabase.Context, token).OutcomesAsync(),
        new ChangePipelineOptions { BatchSize = BatchSize, MaxInFlight = InFlight, Noun = "handoff" },
        CancellationToken.None);

    private static async Task<List<HandoffPreparation>> ReadAsync(ILeoDatabase database, HandoffStatus status)
    {
        var rows = new List<HandoffPreparation>();
        var query = new HandoffQuery { Filter = new HandoffFilter { Statuses = [status] } };
        await foreach (IReadOnlyList<ReadItem<HandoffPreparation>> chunk in database.Handoffs.ReadAsync(query, HandoffDatabase.Context, CancellationToken.None))
        {
            rows.AddRange(chunk.Select(item => item.Row));
        }

        return rows;
    }

    private async Task FillAsync(ILeoDatabase database, int rows)
    {
        await database.Schema.InstallWithHistoryAsync(HandoffDatabase.Context, CancellationToken.None);
        await _cluster.RunAsync(_cluster.PrimaryPort, $"""
            insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
            values ('SD-1', 'SD-1', 't', 'active', 'c', 'high', 'd', 'r', 's');
            insert into exec_implementation_sessions (id, sd_id, implementation_type) values ('{HandoffDatabase.SessionId}', 'SD-1', 'GENERAL_FEATURE');
            insert into exec_handoff_preparations (session_id, sd_id, handoff_status, implementation_summary)
            select '{HandoffDatabase.SessionId}', 'SD-1', 'ready', 'Summary ' || n from generate_series(1, {rows}) n;
            """);
    }
}
