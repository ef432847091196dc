using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Executions;
using LeoPS.Postgres.Owners;
using LeoPS.Postgres.Statements;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.PostgresTests.Executions;

/// <summary>How the server goes about our statements on a table of 100,000 rows.</summary>
[Collection(PostgresServerGroup.Name)]
[Trait("Category", "Core")]
public sealed class PlanTests(ExecutionDatabaseOf100000 filled) : IClassFixture<ExecutionDatabaseOf100000>
{
    private const string Table = ExecutionColumns.Table;
    private const string PrimaryKey = "crewai_flow_executions_pkey";
    private const string KeyIndex = "crewai_flow_executions_execution_key_key";

    private static readonly RunValues Result = new() { OutputState = """{"a": 1}""", TokenCount = 1, CostUsd = 1 };

    [PostgresTheory]
    [InlineData("AsMet", true, ExecutionStatus.Failed)]
    [InlineData("AsMet", false, ExecutionStatus.Failed)]
    [InlineData("AsMet", false, ExecutionStatus.Running)]
    [InlineData("InOrder", true, ExecutionStatus.Failed)]
    [InlineData("InOrder", false, ExecutionStatus.Running)]
    [InlineData("SkipHeld", false, ExecutionStatus.Failed)]
    public async Task A_batch_of_a_thousand_goes_by_the_primary_key(string mode, bool narrow, ExecutionStatus to)
    {
        List<FlowExecution> rows = await ThousandAsync();
        foreach (bool bare in new[] { false, true })
        {
            BatchItem<ExecutionChange>[] changes = [.. rows.Select((r, i) => new BatchItem<ExecutionChange>(
                i, bare ? ExecutionDatabase.Of(r.Id, Result) : ExecutionDatabase.Of(r, Result), bare ? null : r.Guard))];
            Statement statement = new ExecutionChangeStatements(await SqlAsync(), ExecutionDatabase.MoveTo(to, force: true)).Update(changes, Enum.Parse<LockMode>(mode), narrow);
            await AssertGoesByAsync(statement, PrimaryKey);
            if (to == ExecutionStatus.Running)
            {
                await AssertGoesByAsync(new ExecutionChangeStatements(await SqlAsync(), ExecutionDatabase.MoveTo(to)).Update(changes, Enum.Parse<LockMode>(mode), narrow), PrimaryKey);
            }
        }
    }

    [PostgresTheory]
    [InlineData("AsMet")]
    [InlineData("InOrder")]
    [InlineData("SkipHeld")]
    public async Task A_restart_of_a_thousand_and_the_look_behind_it_go_by_the_primary_key(string mode)
    {
        List<FlowExecution> rows = await ThousandAsync();
        ExecutionSql sql = await SqlAsync();
        foreach (bool bare in new[] { false, true })
        {
            BatchItem<RunRestart>[] items = [.. rows.Select((r, i) => new BatchItem<RunRestart>(i, new RunRestart(r.Id, null, null), bare ? null : r.Guard))];
            await AssertGoesByAsync(new RestartStatements(sql).Restart(ExecutionDatabase.Starting(), items, Enum.Parse<LockMode>(mode)), PrimaryKey);
        }

        var look = new Statement();
        look.Text = sql.LookAtRestarts(look.Add(rows.Select(r => r.Id).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid));
        await AssertGoesByAsync(look, PrimaryKey);
    }

    [PostgresFact]
    public async Task Measures_of_few_runs_go_by_the_indexes_of_their_filter_and_those_of_all_read_the_table_once()
    {
        MeasureRequest Of(ExecutionFilter filter) => new(filter, [ExecutionGroup.Flow, ExecutionGroup.Status], TimeSpan.FromMinutes(15), 1);
        IReadOnlyList<string> columns = (await SqlAsync()).LiveColumns;
        await AssertGoesByAsync(ExecutionMeasureSql.Measure(Of(new ExecutionFilter { After = DateTimeOffset.UtcNow.AddMinutes(-30) }), [.. columns]), "idx_flow_exec_started_at");
        await AssertGoesByAsync(ExecutionMeasureSql.Measure(Of(new ExecutionFilter { FlowKeys = ["flow-7"] }), [.. columns]), "idx_flow_exec_flow_id", "idx_flow_exec_recent");
        Assert.Single(await ExplainAsync(ExecutionMeasureSql.Measure(Of(new ExecutionFilter()), [.. columns])), n => n.Relation == Table);
    }

    [PostgresTheory]
    [InlineData("AsMet", false)]
    [InlineData("InOrder", false)]
    [InlineData("SkipHeld", true)]
    public async Task A_removal_of_a_thousand_goes_by_the_primary_key_and_so_does_the_search_for_the_next(string mode, bool force)
    {
        ExecutionSql sql = await SqlAsync();
        BatchItem<RowRemoval>[] items = [.. (await ThousandAsync()).Select((r, i) => new BatchItem<RowRemoval>(i, new RowRemoval(r.Id, null, null), i % 2 == 0 ? r.Guard : null))];
        await AssertGoesByAsync(new RunRemovalStatements(sql, force).Delete(items, Enum.Parse<LockMode>(mode)), PrimaryKey);
        var filter = new ExecutionFilter { EndedLongerAgo = TimeSpan.FromDays(1), Statuses = RunEnd.Statuses };
        List<PlanNode> plan = await ExplainAsync(RunRemovalStatements.Find(sql, filter, filled.Ids[50_000], 1000));
        Assert.Contains(plan, n => n.Index == PrimaryKey);
        Assert.DoesNotContain(plan, n => n.Type is "Sort" or "Incremental Sort" || n.Scans(Table));
    }

    [PostgresFact]
    public async Task A_look_for_the_ends_of_a_thousand_goes_by_the_primary_key() =>
        await AssertGoesByAsync(new ExecutionReadStatements(await SqlAsync()).LookForEnds([.. (await ThousandAsync()).Select(r => r.Id)]), PrimaryKey);

    [PostgresFact]
    public async Task The_second_look_goes_by_the_primary_key()
    {
        Guid[] ids = [.. (await ThousandAsync()).Select(r => r.Id)];
        ExecutionSql sql = await SqlAsync();
        foreach (Func<string, string> look in (Func<string, string>[])[given => sql.LookUp(given, ends: true), given => sql.LookUp(given)])
        {
            var statement = new Statement();
            statement.Text = look(statement.Add(ids, NpgsqlDbType.Array | NpgsqlDbType.Uuid));
            await AssertGoesByAsync(statement, PrimaryKey);
        }
    }

    [PostgresFact]
    public async Task An_insert_of_a_thousand_reads_no_run_and_the_look_at_their_keys_goes_by_the_index()
    {
        List<FlowExecution> rows = await ThousandAsync();
        RunStart[] starts = [.. rows.Select((r, i) => ExecutionDatabase.Run(i % 2 == 0 ? $"flow-{i % 200}" : null, r.ExecutionKey, Result with { InputState = "1" }, i % 2 == 0 ? null : r.FlowId))];
        var statements = new RunStartStatements(await SqlAsync());
        List<PlanNode> plan = await ExplainAsync(statements.Insert(ExecutionDatabase.Starting(), starts));
        Assert.DoesNotContain(plan, n => n.Scans(Table));
        await AssertGoesByAsync(statements.LookAt(starts), KeyIndex);
        // Of a batch most of whose keys are made by the server.
        await AssertGoesByAsync(statements.LookAt([.. starts.Select((s, i) => i % 100 == 0 ? s : s with { ExecutionKey = null })]), KeyIndex);
    }

    [PostgresFact]
    public async Task Recorded_runs_read_no_run_and_runs_that_are_put_back_are_looked_for_by_their_ids_and_keys()
    {
        List<FlowExecution> rows = await ThousandAsync();
        var statements = new RunStartStatements(await SqlAsync());
        RunStart[] recorded = [.. rows.Select((r, i) => ExecutionDatabase.Run(null, r.ExecutionKey, Result, r.FlowId) with
        {
            State = i % 2 == 0 ? null : new RecordedState(ExecutionStatus.Failed, r.StartedAt, r.StartedAt),
        })];
        Assert.DoesNotContain(await ExplainAsync(statements.Insert(ExecutionDatabase.Starting(), recorded)), n => n.Scans(Table));
        RunStart[] restored = [.. rows.Select(r => ExecutionLine.Parse(ExecutionJson.Line(r)))];
        Assert.DoesNotContain(await ExplainAsync(statements.Insert(ExecutionDatabase.Starting(), restored)), n => n.Scans(Table));
        await AssertGoesByAsync(statements.LookAt(restored), KeyIndex);
        await AssertGoesByAsync(statements.LookAt(restored), PrimaryKey);
    }

    [PostgresTheory]
    [InlineData("AsMet", false)]
    [InlineData("InOrder", false)]
    [InlineData("SkipHeld", true)]
    public async Task An_edit_of_a_thousand_runs_under_a_budget_and_of_one_goes_by_the_primary_key(string mode, bool force)
    {
        List<FlowExecution> rows = await ThousandAsync();
        RunUpdate[] updates =
        [
            new() { AddTokens = 1, AddCostUsd = 1 }, new() { Values = new RunValues { TokenCount = 1, CostUsd = 1, Metadata = "{}" } },
            new() { Values = new RunValues { AddedMetadata = "{}" } }, new() { ClearsMetadata = true },
        ];
        BatchItem<ExecutionEdit>[] items = [.. rows.Select((r, i) => new BatchItem<ExecutionEdit>(i, new ExecutionEdit(r.Id, r.Guard, r, updates[i % 4]), i % 2 == 0 ? r.Guard : null))];
        await AssertGoesByAsync(new ExecutionEditStatements(await SqlAsync(), force).Update(items, Enum.Parse<LockMode>(mode)), PrimaryKey);
        Statement one = new ExecutionEditStatements(await SqlAsync(), force).Update([items[0]], Enum.Parse<LockMode>(mode));
        Assert.True(one.IsRepeated);
        await AssertKeptGoesByAsync(one, PrimaryKey);
    }

    [PostgresTheory]
    [InlineData(1, null)]
    [InlineData(1, "flow-1")]
    [InlineData(100, "flow-?")]
    [InlineData(1000, null)]
    public async Task A_claim_goes_to_the_queue_by_an_index_and_to_its_rows_by_the_primary_key(int count, string? flowKey)
    {
        string[] indexes = ["idx_flow_exec_status", "idx_flow_exec_started_at", "idx_flow_exec_recent", "idx_flow_exec_flow_id"];
        var claim = new RunClaim(ExecutionDatabase.Starting(), count, flowKey, Result);
        var statements = new RunClaimStatements(await SqlAsync(), claim, RunKeepers.For(filled.Database.Settings));
        await AssertGoesByAsync(statements.Claim(count, []), indexes);
        await AssertGoesByAsync(statements.Claim(count, []), PrimaryKey);
        await AssertGoesByAsync(statements.LookAtQueue(), indexes);
        await AssertGoesByAsync(statements.Oldest([]), indexes);
    }

    [PostgresTheory]
    [InlineData(null)]
    [InlineData("flow-1")]
    [InlineData("flow-?")]
    public async Task A_claim_of_one_goes_the_same_way_by_a_plan_that_is_kept(string? flowKey)
    {
        var statements = new RunClaimStatements(await SqlAsync(), new RunClaim(ExecutionDatabase.Starting(), 1, flowKey, Result), RunKeepers.For(filled.Database.Settings));
        Statement claim = statements.Claim(1, []);
        Assert.True(claim.IsRepeated);
        await AssertKeptGoesByAsync(claim, "idx_flow_exec_status", "idx_flow_exec_started_at", "idx_flow_exec_recent", "idx_flow_exec_flow_id");
        await AssertKeptGoesByAsync(claim, PrimaryKey);
        Assert.False(new RunClaimStatements(await SqlAsync(), new RunClaim(ExecutionDatabase.Starting(), 2, flowKey, Result), null).Claim(2, []).IsRepeated);
    }

    [PostgresTheory]
    [InlineData(ExecutionStatus.Completed, true)]
    [InlineData(ExecutionStatus.Failed, false)]
    [InlineData(ExecutionStatus.Running, false)]
    public async Task A_change_of_one_row_goes_by_the_primary_key_by_a_plan_that_is_kept(ExecutionStatus to, bool narrow)
    {
        FlowExecution row = (await ThousandAsync())[0];
        var statements = new ExecutionChangeStatements(await SqlAsync(), ExecutionDatabase.MoveTo(to));
        BatchItem<ExecutionChange> item = new(0, ExecutionDatabase.Of(row, Result), row.Guard);
        Statement update = statements.Update([item], LockMode.AsMet, narrow);
        Assert.True(update.IsRepeated);
        await AssertKeptGoesByAsync(update, PrimaryKey);
        Assert.False(statements.Update([item, item], LockMode.AsMet, narrow).IsRepeated);
    }

    [PostgresFact]
    public async Task Orphans_are_looked_for_among_the_running_and_owned_runs_are_looked_at_by_the_primary_key()
    {
        await AssertGoesByAsync(OrphanSearch.Look(new ExecutionFilter { Orphaned = true }), "idx_flow_exec_status");
        BatchItem<ExecutionChange>[] orphans = [.. (await ThousandAsync()).Select((r, i) => new BatchItem<ExecutionChange>(i, SelectionVerdict.Reap(r, null), r.Guard))];
        await AssertGoesByAsync(new ExecutionChangeStatements(await SqlAsync(), ExecutionDatabase.MoveTo(ExecutionStatus.Timeout), seize: true).Update(orphans, LockMode.SkipHeld, narrow: true), PrimaryKey);
        Guid[] ids = [.. filled.Ids.Take(1000)];
        await AssertGoesByAsync(OwnerSql.Look(ids), PrimaryKey);
        await AssertGoesByAsync(OwnerSql.Beat(ids, "keeper", "e.xmin"), PrimaryKey);
        var hold = new Statement();
        hold.Text = ExecutionSql.Hold(hold.Add(ids[0], NpgsqlDbType.Uuid));
        await AssertGoesByAsync(hold, PrimaryKey);
    }

    [PostgresTheory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_page_by_id_is_read_off_the_primary_key_without_a_sort(bool descending, bool first)
    {
        var query = new ExecutionQuery { Descending = descending, PageSize = 1000 };
        ResumePoint? place = first ? null : ResumePoint.After(filled.Ids[50_000]);
        List<PlanNode> plan = await ExplainAsync(new ExecutionReadStatements(await SqlAsync()).Select(query, place, 1000, 0));
        Assert.Contains(plan, n => n.Index == PrimaryKey);
        Assert.DoesNotContain(plan, n => n.Type is "Sort" or "Incremental Sort" || n.Scans(Table));
    }

    [PostgresFact]
    public async Task Filters_that_find_few_go_by_their_indexes()
    {
        FlowExecution row = await filled.Database.ReadAsync(filled.Ids[70]);
        (ExecutionFilter Filter, string[] Indexes)[] cases =
        [
            (new ExecutionFilter { Ids = [.. filled.Ids.Take(50)] }, [PrimaryKey]),
            (new ExecutionFilter { FlowIds = [row.FlowId] }, ["idx_flow_exec_flow_id", "idx_flow_exec_recent"]),
            (new ExecutionFilter { FlowKeys = [row.FlowKey!] }, ["idx_flow_exec_flow_id", "idx_flow_exec_recent"]),
            (new ExecutionFilter { ExecutionKeys = [row.ExecutionKey, "nobody"] }, [KeyIndex]),
            (new ExecutionFilter { Statuses = [ExecutionStatus.Running] }, ["idx_flow_exec_status"]),
            (new ExecutionFilter { BoardMeetingIds = [row.Id] }, ["idx_flow_exec_board_meeting_id"]),
            (new ExecutionFilter { ExecutedBy = [row.Id] }, ["idx_flow_exec_executed_by"]),
            (new ExecutionFilter { After = DateTimeOffset.UtcNow.AddMinutes(-30) }, ["idx_flow_exec_started_at"]),
            (new ExecutionFilter { OlderThan = TimeSpan.FromDays(11), Statuses = [ExecutionStatus.Pending, ExecutionStatus.Running] }, ["idx_flow_exec_started_at", "idx_flow_exec_status"]),
        ];
        foreach ((ExecutionFilter filter, string[] indexes) in cases)
        {
            await AssertGoesByAsync(new ExecutionReadStatements(await SqlAsync()).Select(new ExecutionQuery { Filter = filter }, null, long.MaxValue, 0), indexes);
        }
    }

    private async Task AssertGoesByAsync(Statement statement, params string[] indexes) => AssertGoesBy(await ExplainAsync(statement), indexes);

    private async Task AssertKeptGoesByAsync(Statement statement, params string[] indexes)
    {
        await using NpgsqlConnection connection = await filled.Database.ConnectAsync();
        AssertGoesBy(await PlanNode.OfKeptAsync(connection, statement), indexes);
    }

    private static void AssertGoesBy(List<PlanNode> plan, string[] indexes)
    {
        string shown = string.Join(", ", plan);
        Assert.True(plan.Exists(n => indexes.Contains(n.Index)), shown);
        Assert.False(plan.Exists(n => n.Scans(Table)), shown);
    }

    private async Task<List<FlowExecution>> ThousandAsync() =>
        await filled.Database.ReadAsync(new ExecutionQuery { Filter = new ExecutionFilter { Ids = [.. filled.Ids.Where((_, i) => i % 100 == 7)] } });

    private async Task<ExecutionSql> SqlAsync()
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(filled.Database.Server.ConnectionStringFor(filled.Database.Name));
        return new ExecutionSql(await RelationShape.LoadAsync(new PooledScope(ConnectionSource.Over(source), filled.Database.Settings, ExecutionDatabase.Context), Table, CancellationToken.None));
    }

    private async Task<List<PlanNode>> ExplainAsync(Statement statement)
    {
        await using NpgsqlConnection connection = await filled.Database.ConnectAsync();
        return await PlanNode.OfAsync(connection, statement);
    }
}
