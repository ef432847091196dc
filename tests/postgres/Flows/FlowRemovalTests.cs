using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Flows;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Flows;
using LeoPS.Postgres.Statements;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Flows;

/// <summary>Removals of flows: the database deletes the executions with them, which only those who ask for it get.</summary>
public sealed class FlowRemovalTests(PostgresServer server) : FlowDatabaseTest(server)
{
    private static readonly FlowRemovalRules _alone = new(IncludeExecutions: false, Force: false, CopiesExecutions: false);
    private static readonly FlowRemovalRules _withExecutions = _alone with { IncludeExecutions = true };
    private readonly string _folder = Directory.CreateTempSubdirectory("leops-tests-removal-").FullName;

    public override async Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        await base.DisposeAsync();
    }

    [PostgresFact]
    public async Task A_flow_without_executions_goes_and_comes_back_as_it_was()
    {
        Flow known = await ReadFlowAsync(await AddAsync("a", ("description", "'x'")));
        await AddAsync("b");
        Assert.Equal(FlowJson.Line(known), FlowJson.Line(Changed(await RemoveAsync(_alone, Removal(known)))));
        Assert.Equal(["b"], (await ReadFlowsAsync()).Select(f => f.FlowKey));
    }

    [PostgresFact]
    public async Task A_flow_with_executions_stays_with_all_of_them_and_says_how_many_they_are()
    {
        Flow known = await ReadFlowAsync(await AddAsync("a"));
        await RunOnceAsync(known.Id);
        await RunOnceAsync(known.Id);
        LeoException error = Failed(await RemoveAsync(_alone, Removal(known)), LeoErrorId.FlowHasExecutions);
        AssertEach.Of(["has 2 executions", "-IncludeExecutions", "Set-Flow -Status Archived", known.Id.ToString()], s => Assert.Contains(s, error.Message, StringComparison.Ordinal));
        Assert.Equal(2, await CountAsync());
        Assert.Equal(new FlowExecutionCount(2, 2, false), (await Flows.CountExecutionsAsync([known.Id], Context, CancellationToken.None))[known.Id]);
    }

    [PostgresFact]
    public async Task With_executions_those_that_ended_go_along_and_others_only_by_force()
    {
        Flow known = await ReadFlowAsync(await AddAsync("a"));
        Flow other = await ReadFlowAsync(await AddAsync("b"));
        await RunOnceAsync(known.Id);
        await RunOnceAsync(other.Id);
        await Database.RunAsync($"update crewai_flow_executions set status = 'completed', completed_at = now() where flow_id = '{known.Id}'");
        IReadOnlyList<ChangeOutcome<Flow>> outcomes = await RemoveAsync(_withExecutions, Removal(known), Removal(other));
        Assert.Equal("Changed, ExecutionStillRunning", Ends(outcomes));
        Assert.Equal(1, await CountAsync());
        Changed(await RemoveAsync(_withExecutions with { Force = true }, Removal(other)));
        Assert.Equal(0, await CountAsync());
    }

    [PostgresFact]
    public async Task A_flow_that_changed_is_an_EditConflict_one_that_is_gone_not_found_and_one_that_is_held_locked()
    {
        Flow[] known = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(async i => await ReadFlowAsync(await AddAsync($"k{i}"))))];
        await Database.RunAsync("update crewai_flows set description = 'theirs' where flow_key = 'k0'; delete from crewai_flows where flow_key = 'k1'");
        await using NpgsqlConnection holder = await Database.ConnectAsync();
        await using var hold = new NpgsqlCommand("begin; select from crewai_flows where flow_key = 'k2' for update", holder);
        await hold.ExecuteNonQueryAsync();
        IReadOnlyList<ChangeOutcome<Flow>> outcomes =
            await Flows.RemoveAsync(_alone, [.. known.Select(Removal)], Bulk.Each, null, null, Waiting(TimeSpan.FromMilliseconds(200)), CancellationToken.None).OutcomesAsync();
        Assert.Equal("EditConflict, FlowNotFound, RowLocked, Changed", Ends(outcomes));
        Assert.Equal(known, outcomes.Select(o => o.Source));
    }

    [PostgresFact]
    public async Task A_run_that_starts_while_the_removal_waits_keeps_its_flow()
    {
        Flow known = await ReadFlowAsync(await AddAsync("a"));
        await using NpgsqlConnection starter = await Database.ConnectAsync();
        await using (var start = new NpgsqlCommand($"begin; insert into crewai_flow_executions (flow_id, execution_key) values ('{known.Id}', 'run')", starter))
        {
            await start.ExecuteNonQueryAsync();
        }

        Task<IReadOnlyList<ChangeOutcome<Flow>>> waiting = Task.Run(() => RemoveAsync(_alone, Removal(known)));
        await Database.WaitUntilRunningAsync(1);
        await using (var commit = new NpgsqlCommand("commit", starter))
        {
            await commit.ExecuteNonQueryAsync();
        }

        Failed(await waiting, LeoErrorId.FlowHasExecutions);
        Assert.Equal(1, await CountAsync());
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Flows_and_executions_are_copied_before_they_are_gone(bool atomic)
    {
        Flow[] known = [await ReadFlowAsync(await AddAsync("a")), await ReadFlowAsync(await AddAsync("b"))];
        await RunOnceAsync(known[0].Id);
        await RunOnceAsync(known[0].Id);
        await RunOnceAsync(known[1].Id);
        string[] ids = [.. (await Database.ColumnAsync<Guid>("select id from crewai_flow_executions")).Select(id => id.ToString()).Order()];
        FlowRemovalRules rules = new(IncludeExecutions: true, Force: true, CopiesExecutions: true);
        using (RowExport<Flow> flows = FlowFile())
        using (RowExport<FlowExecution> executions = ExecutionFile())
        {
            IReadOnlyList<ChangeOutcome<Flow>> outcomes = atomic
                ? (await Flows.RemoveAsync(rules, [.. known.Select(Removal)], new BulkOptions(1, IsAtomic: true), flows, executions, Context, CancellationToken.None)).Outcomes
                : await Flows.RemoveAsync(rules, [.. known.Select(Removal)], Bulk.Each, flows, executions, Context, CancellationToken.None).OutcomesAsync();
            Assert.Equal("Changed, Changed", Ends(outcomes));
        }

        Assert.Equal(0, await CountAsync());
        Assert.Equal([.. known.Select(k => k.Id.ToString()).Order()], Lines("flows.jsonl"));
        Assert.Equal(ids, Lines("executions.jsonl"));
    }

    [PostgresFact]
    public async Task What_is_not_deleted_is_not_in_the_files()
    {
        Flow[] known = [await ReadFlowAsync(await AddAsync("a")), await ReadFlowAsync(await AddAsync("b"))];
        await RunOnceAsync(known[0].Id);
        await RunOnceAsync(known[1].Id);
        await Database.RunAsync("""
            update crewai_flow_executions set status = 'completed', completed_at = now();
            update crewai_flow_executions set started_at = 'infinity' where flow_id = (select id from crewai_flows where flow_key = 'a')
            """);
        using (RowExport<Flow> flows = FlowFile())
        using (RowExport<FlowExecution> executions = ExecutionFile())
        {
            FlowRemovalRules rules = _withExecutions with { CopiesExecutions = true };
            // Of the first flow one execution cannot be copied whole.
            Assert.Equal("UnreadableRow, Changed", Ends(await Flows.RemoveAsync(rules, [.. known.Select(Removal)], Bulk.Each, flows, executions, Context, CancellationToken.None).OutcomesAsync()));
        }

        Assert.Equal([known[1].Id.ToString()], Lines("flows.jsonl"));
        Assert.Single(Lines("executions.jsonl"));
        Assert.Equal(1, await CountAsync());
    }

    [PostgresFact]
    public async Task Atomically_all_are_deleted_or_none_and_the_files_say_the_same()
    {
        Flow[] known = [await ReadFlowAsync(await AddAsync("a")), await ReadFlowAsync(await AddAsync("b"))];
        await RunOnceAsync(known[1].Id);
        using (RowExport<Flow> flows = FlowFile())
        {
            BulkResult<Flow> refused = await Flows.RemoveAsync(_alone, [.. known.Select(Removal)], new BulkOptions(1, IsAtomic: true), flows, null, Context, CancellationToken.None);
            Assert.False(refused.Committed);
            Assert.Equal(LeoErrorId.FlowHasExecutions, refused.Outcomes[1].Error!.ErrorId);
        }

        Assert.Equal(2, (await ReadFlowsAsync()).Count);
        Assert.False(File.Exists(Path.Combine(_folder, "flows.jsonl")));
    }

    [PostgresFact]
    public async Task A_role_that_may_not_see_all_executions_deletes_no_flow_without_a_word_about_them()
    {
        Guid user = Guid.NewGuid();
        Flow known = await ReadFlowAsync(await AddAsync("a"));
        await RunOnceAsync(known.Id);
        await Database.RunAsync("""
            grant select, insert, update, delete on crewai_flows, crewai_flow_executions to authenticated;
            alter table crewai_flows disable row level security
            """);
        await using ILeoDatabase reader = await Database.OpenAsMemberAsync("authenticated", user);
        FlowExecutionCount seen = (await reader.Flows.CountExecutionsAsync([known.Id], Context, CancellationToken.None))[known.Id];
        Assert.Equal(new FlowExecutionCount(0, 0, true), seen);
        foreach (FlowRemovalRules rules in (FlowRemovalRules[])[_alone, _withExecutions])
        {
            LeoException error = Failed(await reader.Flows.RemoveAsync(rules, [Removal(known)], Bulk.Each, null, null, Context, CancellationToken.None).OutcomesAsync(), LeoErrorId.Forbidden);
            Assert.Contains("row level security", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, await CountAsync());
        Changed(await reader.Flows.RemoveAsync(_withExecutions with { Force = true }, [Removal(known)], Bulk.Each, null, null, Context, CancellationToken.None).OutcomesAsync());
        Assert.Equal(0, await CountAsync());
    }

    [PostgresTheory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    public async Task A_thousand_removals_go_by_the_primary_key_and_by_the_index_over_the_flows(bool include, bool force, bool copies)
    {
        await Database.RunAsync("""
            insert into crewai_flows (flow_key, flow_name, flow_definition) select 'k' || n, 'n', '{}' from generate_series(1, 20000) n;
            set session_replication_role = replica;
            insert into crewai_flow_executions (flow_id, execution_key) select id, flow_key from crewai_flows;
            set session_replication_role = origin;
            analyze crewai_flows; analyze crewai_flow_executions
            """);
        Guid[] ids = [.. await Database.ColumnAsync<Guid>("select id from crewai_flows limit 1000")];
        var scope = new PooledScope(
            ConnectionSource.Over(NpgsqlDataSource.Create(Database.Server.ConnectionStringFor(Database.Name))), Database.Settings, Context);
        var sql = new FlowSql(await RelationShape.LoadAsync(scope, FlowColumns.Table, CancellationToken.None));
        var statements = new FlowRemovalStatements(sql, null, new FlowRemovalRules(include, force, copies));
        BatchItem<FlowRemoval>[] items = [.. ids.Select((id, i) => new BatchItem<FlowRemoval>(i, new FlowRemoval(id, default, id), null))];
        await using NpgsqlConnection connection = await Database.ConnectAsync();
        List<PlanNode> plan = await PlanNode.OfAsync(connection, statements.Delete(items));
        Assert.Contains(plan, n => n.Index == "crewai_flows_pkey");
        Assert.DoesNotContain(plan, n => n.Scans(FlowColumns.Table) || n.Scans(ExecutionColumns.Table));
    }

    private static FlowRemoval Removal(Flow known) => new(known.Id, FlowVersion.Of(known), known);

    private Task<IReadOnlyList<ChangeOutcome<Flow>>> RemoveAsync(FlowRemovalRules rules, params FlowRemoval[] removals) =>
        Flows.RemoveAsync(rules, removals, Bulk.Each, null, null, Context, CancellationToken.None).OutcomesAsync();

    private Task<long> CountAsync() => Database.ScalarAsync<long>("select count(*) from crewai_flow_executions");

    private RowExport<Flow> FlowFile() => new(Path.Combine(_folder, "flows.jsonl"), "flow", FlowJson.Line);

    private RowExport<FlowExecution> ExecutionFile() => new(Path.Combine(_folder, "executions.jsonl"), "execution", ExecutionJson.Line);

    private string[] Lines(string file) =>
        [.. File.ReadAllLines(Path.Combine(_folder, file)).Select(l => System.Text.Json.JsonDocument.Parse(l).RootElement.GetProperty("Id").GetString()!).Order()];
}
