using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Which running executions are orphans, told by what stands in their rows; and owners that cannot hold a lock.</summary>
public sealed class OrphanTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private const string Stamp = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'""";

    [PostgresFact]
    public async Task Only_a_running_execution_that_somebody_owned_for_this_very_start_is_an_orphan()
    {
        Guid locked = await InsertAsync("Lock");
        Guid silent = await InsertAsync("Heartbeat", beat: "now() - interval '16 seconds'");
        await InsertAsync("Heartbeat", beat: "now() - interval '12 seconds'");
        await InsertAsync("Lock", status: "pending");
        await InsertAsync("Lock", status: "completed");
        // Copied with the metadata into a run of its own, or left from an earlier start.
        await InsertAsync("Lock", startedAt: "now() - interval '1 hour'");
        await InsertAsync("something else");
        await Database.InsertAsync(1);
        await Database.InsertAsync(1, "running", ("started_at", "now() - interval '90 days'"));
        await Database.InsertAsync(1, "running", ("started_at", "'-infinity'"), ("metadata", """'{"leopsOwner": {"evidence": "Lock", "startedAt": "-infinity"}}'"""));
        await Database.InsertAsync(3, "running", ("metadata", """case n when 1 then '[{"leopsOwner": 1}]' when 2 then '{"leopsOwner": [1]}' else '"leopsOwner"' end::jsonb"""));
        // The server of the tests has been up for less than the silence, perhaps.
        await Task.Delay(await Database.ScalarAsync<int>("select greatest(0, 16000 - round(extract(epoch from now() - pg_postmaster_start_time()) * 1000))::integer"));
        await Database.RunAsync($$"""update crewai_flow_executions set metadata = jsonb_set(metadata, '{leopsOwner,beat}', to_jsonb(to_char((now() - interval '12 seconds') at time zone 'UTC', {{Stamp}}))) where metadata #>> '{leopsOwner,evidence}' = 'Heartbeat' and id <> '{{silent}}'""");
        Assert.Equal(
            new Dictionary<Guid, OwnershipEvidence?> { [locked] = OwnershipEvidence.Lock, [silent] = OwnershipEvidence.Heartbeat },
            (await OrphansAsync()).ToDictionary(r => r.Id, r => r.OrphanEvidence));
        // Other filters narrow it; without that filter nothing is said of it.
        Assert.Equal([silent], (await OrphansAsync(new ExecutionFilter { Ids = [silent, Guid.NewGuid()] })).Select(r => r.Id));
        Assert.Empty(await OrphansAsync(new ExecutionFilter { FlowKeys = ["nobody"] }));
        AssertEach.Of(await Database.ReadItemsAsync(), r => Assert.Null(r.Row.OrphanEvidence));
    }

    [PostgresFact]
    public async Task Behind_a_transaction_pooler_the_owner_beats_and_a_beat_is_no_change_to_who_knows_the_row()
    {
        await Database.InsertAsync(2, "pending");
        await using ILeoDatabase pooled = await Database.OpenAsync(s => s with { PoolerMode = PoolerMode.Transaction });
        RunClaim claim = new(ExecutionDatabase.Starting(), 2, null, RunValues.None);
        List<FlowExecution> runs = [.. (await pooled.Executions.ClaimAllAsync(claim, ExecutionDatabase.Context, CancellationToken.None)).Select(o => o.Row!)];
        AssertEach.Of(runs, r => Assert.Equal(OwnershipEvidence.Heartbeat, RunOwner.Of(r)?.Evidence));
        IOwnedRun second = pooled.Executions.FindOwned(runs[1].Id)!;
        string first = await BeatAsync(runs[0].Id);
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(8)))
        {
            while (await BeatAsync(runs[0].Id) == first)
            {
                await Task.Delay(50, patience.Token);
            }
        }

        Assert.NotEqual(runs[0].RowVersion, (await Database.ReadAsync(runs[0].Id)).RowVersion);
        // The object of the claim still ends its run in this process; another's change is a conflict as ever.
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(Complete, [ExecutionDatabase.Of(runs[0])], store: pooled.Executions);
        Assert.Equal((OutcomeKind.Changed, null), (outcomes[0].Kind, outcomes[0].Error?.Message));
        await Database.RunAsync($"update crewai_flow_executions set token_count = 1 where id = '{runs[1].Id}'");
        Assert.Equal(LeoErrorId.StatusConflict, Assert.Single(await ChangeAsync(Complete, [ExecutionDatabase.Of(runs[1])], store: pooled.Executions)).Error?.ErrorId);
        await Database.RunAsync($"update crewai_flow_executions set status = 'timeout', completed_at = now() where id = '{runs[1].Id}'");
        await WaitUntilAsync(() => Task.FromResult(second.Over.IsCancellationRequested));
        Assert.Equal(ExecutionStatus.Timeout, second.End!.Status);
    }

    private Task<List<FlowExecution>> OrphansAsync(ExecutionFilter? filter = null) =>
        Database.ReadAsync(new ExecutionQuery { Filter = (filter ?? new ExecutionFilter()) with { Orphaned = true } });

    private Task<string> BeatAsync(Guid id) => Database.ScalarAsync<string>($$"""select metadata #>> '{leopsOwner,beat}' from crewai_flow_executions where id = '{{id}}'""");

    /// <summary>A run that a process which is not there has begun to own.</summary>
    private async Task<Guid> InsertAsync(string evidence, string status = "running", string startedAt = "now()", string beat = "null::timestamptz") => (await Database.InsertAsync(
        1, status, ("started_at", "now()"), ("metadata", $$"""jsonb_build_object('leopsOwner', jsonb_build_object('evidence', '{{evidence}}', 'host', 'elsewhere', 'pid', 7, 'startedAt', to_char(({{startedAt}}) at time zone 'UTC', {{Stamp}}), 'beat', to_char(({{beat}}) at time zone 'UTC', {{Stamp}})))""")))[0];
}
