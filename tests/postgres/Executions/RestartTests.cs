using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Statuses;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Ended runs that are run again: which, with what, and both ends of the link.</summary>
public sealed class RestartTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private static readonly RunStartRules Starting = ExecutionDatabase.Starting();

    private IExecutionStore Content => Database.Database.Executions;

    [PostgresFact]
    public async Task A_new_run_has_what_was_given_to_the_old_one_and_each_names_the_other()
    {
        var user = Guid.NewGuid();
        Guid id = (await Database.InsertAsync(
            1,
            "failed",
            ("input_state", """'{"a": 1.10, "b": [null]}'"""), ("output_state", "'1'"), ("metadata", """'{"owner": "x", "n": 1e400}'"""), ("execution_mode", "'scheduled'"), ("executed_by", $"'{user}'"),
            ("board_meeting_id", $"'{user}'"), ("error_message", "'no'"), ("token_count", "5"), ("cost_usd", "1"), ("started_at", "now() - interval '30 days'"), ("completed_at", "now()")))[0];
        FlowExecution old = await Database.ReadAsync(id);
        ChangeOutcome<FlowExecution> outcome = Assert.Single(await RestartAsync([Of(old)]));
        FlowExecution run = outcome.Row!;
        Assert.Equal((OutcomeKind.Changed, old, null), (outcome.Kind, outcome.Source, outcome.Error?.Message));
        Assert.NotEqual(old.Id, run.Id);
        Assert.Equal(
            (old.FlowId, old.FlowKey, ExecutionStatus.Running, old.RawInputState, ExecutionMode.Scheduled, user, user, true),
            (run.FlowId, run.FlowKey, run.Status, run.RawInputState, run.ExecutionMode, run.ExecutedBy, run.BoardMeetingId, run.IsNew));
        AssertEach.Of([run.RawOutputState, run.ErrorMessage, run.CompletedAt?.ToString(), run.TokenCount?.ToString(), run.CostUsd?.ToString()], Assert.Null);
        Assert.InRange(DateTimeOffset.UtcNow - run.StartedAt!.Value, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(30));
        Assert.StartsWith("BASE-FLOW-", run.ExecutionKey, StringComparison.Ordinal);
        Assert.Equal($$"""{"restartedFrom": "{{old.Id}}"}""", run.RawMetadata);
        await AssertAsInTableAsync([outcome]);
        FlowExecution told = await Database.ReadAsync(id);
        Assert.Equal((old.Status, old.CompletedAt, old.RawOutputState, old.ErrorMessage), (told.Status, told.CompletedAt, told.RawOutputState, told.ErrorMessage));
        Assert.Equal(run.Id.ToString(), await Database.ScalarAsync<string>($"select metadata ->> 'restartedAs' from crewai_flow_executions where id = '{id}'"));
        Assert.True(await Database.ScalarAsync<bool>($$"""select metadata - 'restartedAs' = '{"owner": "x", "n": 1e400}' from crewai_flow_executions where id = '{{id}}'"""));
        Assert.Equal(1, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
    }

    [PostgresFact]
    public async Task Only_what_has_ended_is_restarted_and_each_other_run_is_told_by_its_own_error()
    {
        var ids = new Dictionary<string, Guid>();
        foreach (string status in StatusNames<ExecutionStatus>.All.Select(StatusNames<ExecutionStatus>.ToColumn))
        {
            ids[status] = (await Database.InsertAsync(1, status))[0];
        }

        ids["none"] = (await Database.InsertAsync(1, null))[0];
        ids["array"] = (await Database.InsertAsync(1, "failed", ("metadata", "'[1]'")))[0];
        ids["json null"] = (await Database.InsertAsync(1, "failed", ("metadata", "'null'")))[0];
        ids["archived"] = (await Database.InsertAsync(1, "failed", ("flow_id", $"'{await Database.AddFlowAsync("old-flow", "archived")}'")))[0];
        ids["deprecated"] = (await Database.InsertAsync(1, "timeout", ("flow_id", $"'{await Database.AddFlowAsync("older-flow", "deprecated")}'")))[0];
        ids["gone"] = Guid.NewGuid();
        ids["stale"] = (await Database.InsertAsync(1, "failed"))[0];
        FlowExecution stale = await Database.ReadAsync(ids["stale"]);
        await Database.RunAsync($"update crewai_flow_executions set error_message = 'theirs' where id = '{stale.Id}'");
        RunRestart[] batch = [.. ids.Select(p => p.Key == "stale" ? Of(stale) : Of(p.Value))];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await RestartAsync(batch);
        Assert.Equal(batch.Select(b => b.Source), outcomes.Select(o => o.Source));
        Dictionary<string, string> results = ids.Keys.Zip(outcomes, (name, o) => (name, o.Error?.ErrorId.ToString() ?? "")).ToDictionary(r => r.name, r => r.Item2);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["pending"] = "ExecutionStillRunning", ["running"] = "ExecutionStillRunning", ["completed"] = "", ["failed"] = "", ["cancelled"] = "", ["timeout"] = "", ["none"] = "ExecutionStillRunning",
                ["array"] = "InvalidJson", ["json null"] = "", ["archived"] = "FlowNotRunnable", ["deprecated"] = "FlowNotRunnable", ["gone"] = "NotFound", ["stale"] = "StatusConflict",
            },
            results);
        Assert.Equal(5, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where metadata ? 'restartedFrom'"));
        Assert.Equal(5, await Database.ScalarAsync<long>("""
            select count(*) from crewai_flow_executions o
            join crewai_flow_executions n on n.id = (o.metadata ->> 'restartedAs')::uuid and (n.metadata ->> 'restartedFrom')::uuid = o.id
            """));
        outcomes = await RestartAsync([Of(ids["archived"]), Of(ids["running"])], ExecutionDatabase.Starting(force: true));
        Assert.Equal([null, LeoErrorId.ExecutionStillRunning], outcomes.Select(o => o.Error?.ErrorId));
    }

    [PostgresFact]
    public async Task A_run_is_restarted_once_and_by_force_once_more()
    {
        Guid id = (await Database.InsertAsync(1, "failed"))[0];
        FlowExecution old = await Database.ReadAsync(id);
        FlowExecution first = Assert.Single(await RestartAsync([Of(id)])).Row!;
        foreach (RunRestart again in new[] { Of(id), Of(old), Of(await Database.ReadAsync(id)) })
        {
            LeoException error = SingleFailure(await RestartAsync([again]), LeoErrorId.StatusConflict).Error!;
            Assert.Contains($"restarted already, as {first.Id}", error.Message, StringComparison.Ordinal);
        }

        FlowExecution second = Assert.Single(await RestartAsync([Of(id)], ExecutionDatabase.Starting(force: true))).Row!;
        Assert.Equal(second.Id.ToString(), await Database.ScalarAsync<string>($"select metadata ->> 'restartedAs' from crewai_flow_executions where id = '{id}'"));
        // An object from before is guarded even then.
        SingleFailure(await RestartAsync([Of(old)], ExecutionDatabase.Starting(force: true)), LeoErrorId.StatusConflict);
        Assert.Equal(3, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }

    [PostgresFact]
    public async Task Of_many_that_restart_the_same_runs_at_once_one_does_each()
    {
        await Database.AddFlowAsync("other-flow");
        List<Guid> ids = await Database.InsertAsync(60, "failed", ("flow_id", "(select id from crewai_flows order by (n % 2 = 0) = (flow_key = 'other-flow') desc limit 1)"));
        List<FlowExecution> rows = await Database.ReadAsync();
        IReadOnlyList<ChangeOutcome<FlowExecution>>[] calls = await Task.WhenAll(Enumerable.Range(0, 6).Select(caller => Task.Run(() => RestartAsync(
            (caller % 2 == 0 ? rows : rows.AsEnumerable().Reverse()).Select(r => caller < 3 ? Of(r) : Of(r.Id))))));
        List<ChangeOutcome<FlowExecution>> all = [.. calls.SelectMany(c => c)];
        Assert.Equal(60, all.Count(o => o.Kind == OutcomeKind.Changed));
        AssertEach.Of(all.Where(o => o.Kind == OutcomeKind.Failed), o => Assert.Equal(LeoErrorId.StatusConflict, o.Error!.ErrorId));
        Assert.Equal(60, await Database.ScalarAsync<long>("select count(distinct metadata ->> 'restartedFrom') from crewai_flow_executions"));
        Assert.Equal(120, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
        Assert.Equal(60, await Database.ScalarAsync<int>("select sum(execution_count)::int from crewai_flows"));
        Assert.Equal(ids.Count, (await Database.ColumnAsync<string>("select metadata ->> 'restartedAs' from crewai_flow_executions where metadata ? 'restartedAs'")).Distinct().Count());
    }

    [PostgresFact]
    public async Task What_the_database_refuses_to_make_is_not_told_to_the_old_run_either()
    {
        List<Guid> ids = await Database.InsertAsync(5, "failed", ("input_state", "to_jsonb(n)"));
        await Database.RunAsync($$"""
            create function refuse() returns trigger language plpgsql as $$ begin
              if new.metadata ->> 'restartedFrom' = '{{ids[2]}}' then raise exception 'no' using errcode = '23514'; end if; return null; end $$;
            create trigger refuse after insert on crewai_flow_executions for each row execute function refuse()
            """);
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await RestartAsync(ids.Select(Of));
        Assert.Equal([null, null, LeoErrorId.ValueOutOfRange, null, null], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Equal(ids.Where(i => i != ids[2]), await Database.ColumnAsync<Guid>("select id from crewai_flow_executions where metadata ? 'restartedAs' order by id"));
    }

    [PostgresFact]
    public async Task A_held_run_and_a_held_flow_are_told_apart_and_the_others_are_restarted()
    {
        Guid held = await Database.AddFlowAsync("held-flow");
        Guid ofHeld = (await Database.InsertAsync(1, "failed", ("flow_id", $"'{held}'")))[0];
        List<Guid> ids = await Database.InsertAsync(4, "failed");
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes;
        await using (await Database.HoldInAsync("crewai_flows", held))
        await using (await Database.HoldAsync(ids[1]))
        {
            outcomes = await RestartAsync([Of(ofHeld), .. ids.Select(Of)], context: Waiting(TimeSpan.FromMilliseconds(150)));
        }

        Assert.Equal([LeoErrorId.RowLocked, null, LeoErrorId.RowLocked, null, null], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Contains("Flow held-flow is locked", outcomes[0].Error!.Message, StringComparison.Ordinal);
        Assert.Contains($"Execution {ids[1]}", outcomes[2].Error!.Message, StringComparison.Ordinal);
        Assert.Equal(3, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where metadata ? 'restartedAs'"));
    }

    [PostgresFact]
    public async Task Atomically_all_are_restarted_or_none()
    {
        List<Guid> ids = await Database.InsertAsync(50, "failed");
        Guid running = (await Database.InsertAsync(1))[0];
        string before = await Database.FingerprintAsync();
        BulkResult<FlowExecution> bad = await Content.RestartAsync(Starting, [.. ids.Select(Of), Of(running)], new BulkOptions(20, IsAtomic: true), ExecutionDatabase.Context, CancellationToken.None);
        Assert.False(bad.Committed);
        Assert.Equal(LeoErrorId.ExecutionStillRunning, Assert.Single(bad.Outcomes, o => o.Kind == OutcomeKind.Failed).Error!.ErrorId);
        Assert.Equal(before, await Database.FingerprintAsync());
        Guid[] order = [.. ids.OrderBy(_ => Guid.NewGuid())];
        BulkResult<FlowExecution> good = await Content.RestartAsync(Starting, [.. order.Select(Of)], new BulkOptions(20, IsAtomic: true), ExecutionDatabase.Context, CancellationToken.None);
        Assert.True(good.Committed);
        Assert.Equal(order.Cast<object>(), good.Outcomes.Select(o => o.Source));
        Assert.Equal(order.Select(i => $$"""{"restartedFrom": "{{i}}"}"""), good.Outcomes.Select(o => o.Row!.RawMetadata));
        await AssertAsInTableAsync(good.Outcomes);
    }

    [PostgresFact]
    public async Task A_queued_restart_waits_and_a_transaction_takes_both_ends_back()
    {
        Guid id = (await Database.InsertAsync(1, "failed"))[0];
        string before = await Database.FingerprintAsync();
        var queueing = new RunStartRules(ExecutionStatus.Pending, KeyConflict.Fail, Force: false);
        await using (ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None))
        {
            IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await transaction.Database.Executions.RestartAsync(queueing, [Of(id)], Bulk.Each, ExecutionDatabase.Context, CancellationToken.None).OutcomesAsync();
            Assert.Equal(ExecutionStatus.Pending, Assert.Single(outcomes).Row!.Status);
            await transaction.RollbackAsync();
        }

        Assert.Equal(before, await Database.FingerprintAsync());
    }

    [PostgresFact]
    public async Task In_the_wider_table_a_restart_belongs_to_the_same_and_has_the_same_budget_unspent()
    {
        await Database.RunAsync("""
            alter table crewai_flow_executions add venture_id uuid, add prd_id text, add sd_id text, add budget_consumed numeric, add budget_limit numeric, add killed_by_budget boolean
            """);
        var venture = Guid.NewGuid();
        Guid id = (await Database.InsertAsync(
            1, "failed", ("venture_id", $"'{venture}'"), ("prd_id", "'PRD-1'"), ("sd_id", "'SD-1'"), ("budget_consumed", "7.5"), ("budget_limit", "5.50"), ("killed_by_budget", "true")))[0];
        FlowExecution run = Assert.Single(await RestartAsync([Of(id)])).Row!;
        Assert.Equal(
            $"{venture} PRD-1 SD-1 - 5.50 -",
            await Database.ScalarAsync<string>($"""
                select concat_ws(' ', venture_id, prd_id, sd_id, coalesce(budget_consumed::text, '-'), budget_limit, coalesce(killed_by_budget::text, '-'))
                from crewai_flow_executions where id = '{run.Id}'
                """));
    }

    [PostgresFact]
    public async Task Who_may_not_change_the_old_run_or_make_the_new_one_does_neither()
    {
        var user = Guid.NewGuid();
        Guid id = (await Database.InsertAsync(1, "failed", ("executed_by", $"'{user}'")))[0];
        Guid theirs = (await Database.InsertAsync(1, "failed", ("executed_by", "gen_random_uuid()")))[0];
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", user);
        FlowExecution old = await Database.ReadAsync(id);
        string before = await Database.FingerprintAsync();
        // The seed's policies let a user make runs and change none.
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await RestartAsync([Of(old), Of(theirs)], store: member.Executions);
        Assert.Equal([LeoErrorId.Forbidden, LeoErrorId.NotFound], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Equal(before, await Database.FingerprintAsync());
        // And where it may change all, the new run is refused, and with it the link.
        await Database.RunAsync("create policy all_rows on crewai_flow_executions for update to authenticated using (true); create policy sees_all on crewai_flow_executions for select to authenticated using (true)");
        outcomes = await RestartAsync([Of(theirs), Of(id)], store: member.Executions);
        Assert.Equal([LeoErrorId.Forbidden, null], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Contains("may not start a run like this one", outcomes[0].Error!.Message, StringComparison.Ordinal);
        Assert.Equal([id], await Database.ColumnAsync<Guid>("select id from crewai_flow_executions where metadata ? 'restartedAs'"));
    }

    private static RunRestart Of(FlowExecution row) => new(row.Id, row.Guard, row);

    private static RunRestart Of(Guid id) => new(id, null, id);

    private Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> RestartAsync(
        IEnumerable<RunRestart> batch, RunStartRules? rules = null, CallContext? context = null, IExecutionStore? store = null) =>
        (store ?? Content).RestartAsync(rules ?? Starting, [.. batch], Bulk.Each, context ?? ExecutionDatabase.Context, CancellationToken.None).OutcomesAsync();
}
