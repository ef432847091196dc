using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>The shapes that this table has had, and those that lack something.</summary>
public sealed class ReadShapeTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    /// <summary>The six columns of the shape with 24, one of them in the place of another.</summary>
    private const string Of24 = """
        alter table crewai_flow_executions
          add column venture_id uuid, add column prd_id varchar(50) default 'PRD-1', add column sd_id varchar(50) default 'SD-"1"''s',
          add column budget_consumed numeric(10,4) default 1.1000, add column budget_limit numeric(10,4) default 'NaN', add column killed_by_budget boolean default false
        """;

    /// <summary>18 columns, and the policies that came later.</summary>
    private const string MorePolicies = """
        create policy executions_update_own on crewai_flow_executions for update using (auth.uid() = executed_by);
        create policy executions_delete_own on crewai_flow_executions for delete using (auth.uid() = executed_by);
        create policy executions_service on crewai_flow_executions for all to service_role using (true)
        """;

    [PostgresFact]
    public async Task The_24_columns_are_read_started_and_completed_with_six_of_them_beyond()
    {
        await Database.RunAsync(Of24);
        FlowExecution started = await StartOneAsync(ExecutionDatabase.Run());
        FlowExecution read = await Database.ReadAsync(started.Id);
        Assert.Equal(ExecutionJson.Line(read), ExecutionJson.Line(started));
        var map = Assert.IsType<JsonMap>(read.AdditionalColumns);
        Assert.Equal(
            ["budget_consumed", "budget_limit", "killed_by_budget", "prd_id", "sd_id", "venture_id"], map.Keys.Cast<string>().Order(StringComparer.Ordinal));
        Assert.Equal(("PRD-1", "SD-\"1\"'s", 1.1000m, false), (map["prd_id"], map["sd_id"], map["budget_consumed"], map["killed_by_budget"]));
        Assert.Null(map["venture_id"]);
        // Both the narrow and the full way bring them.
        await Database.RunAsync("update crewai_flow_executions set venture_id = gen_random_uuid()");
        FlowExecution again = await StartOneAsync(ExecutionDatabase.Run());
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes =
        [
            .. await ChangeAsync(Complete, [ExecutionDatabase.Of(again)]), .. await ChangeAsync(Complete, [ExecutionDatabase.Of(started.Id)]),
        ];
        AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        await AssertAsInTableAsync(outcomes);
    }

    [PostgresFact]
    public async Task With_the_later_policies_a_user_completes_what_is_its_own()
    {
        await Database.RunAsync(MorePolicies);
        var user = Guid.NewGuid();
        List<Guid> own = await Database.InsertAsync(2, "running", ("executed_by", $"'{user}'::uuid"));
        List<Guid> others = await Database.InsertAsync(1, "running", ("executed_by", "gen_random_uuid()"));
        await using Ports.ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", user);
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(
            Complete, [ExecutionDatabase.Of((await Database.ReadAsync(database: member))[0]), ExecutionDatabase.Of(own[1]), ExecutionDatabase.Of(others[0])], store: member.Executions);
        Assert.Equal(LeoErrorId.NotFound, SingleFailure(outcomes, LeoErrorId.NotFound).Error!.ErrorId);
        await AssertAsInTableAsync(outcomes.Take(2));
    }

    [PostgresTheory]
    [InlineData("drop table crewai_flow_executions", "public.crewai_flow_executions")]
    [InlineData("drop table crewai_flows cascade", "crewai_flows")]
    [InlineData("alter table crewai_flow_executions drop column cost_usd", "cost_usd")]
    [InlineData("alter table crewai_flows rename column flow_key to key", "flow_key")]
    public async Task What_is_missing_is_named_by_reading_starting_looking_and_completing(string ddl, string missing)
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await Database.RunAsync(ddl);
        LeoException[] errors =
        [
            await Assert.ThrowsAsync<LeoException>(() => Database.ReadItemsAsync()),
            await Assert.ThrowsAsync<LeoException>(() => StartAsync([ExecutionDatabase.Run()])),
            await Assert.ThrowsAsync<LeoException>(() => StartAtomicallyAsync([ExecutionDatabase.Run()])),
            await Assert.ThrowsAsync<LeoException>(() => Store.LookAsync([ExecutionDatabase.Run()], ExecutionDatabase.Context, CancellationToken.None)),
            await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(Complete, [ExecutionDatabase.Of(id)])),
            await Assert.ThrowsAsync<LeoException>(() => ChangeAtomicallyAsync(Complete, [ExecutionDatabase.Of(id)])),
        ];
        AssertEach.Of(errors, error =>
        {
            Assert.Equal(LeoErrorId.SchemaMissing, error.ErrorId);
            Assert.Contains(missing, error.Message, StringComparison.Ordinal);
            Assert.Contains("Install-LeoSchema", error.Message, StringComparison.Ordinal);
        });
    }

    [PostgresFact]
    public async Task What_a_dba_adds_between_two_calls_is_seen_by_the_second()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        Assert.Equal("{}", (await Database.ReadAsync(id)).AdditionalColumns.ToString());
        await Database.RunAsync("alter table crewai_flow_executions add column late int default 5");
        Assert.Equal("""{"late":5}""", (await Database.ReadAsync(id)).RawAdditionalColumns);
    }

    [PostgresFact]
    public async Task A_view_in_place_of_the_table_is_read_and_guarded_by_the_status()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await Database.RunAsync("""
            alter table crewai_flow_executions rename to executions_behind;
            create view crewai_flow_executions as select * from executions_behind
            """);
        List<FlowExecution> rows = await Database.ReadAsync();
        AssertEach.Of(rows, r => Assert.Null(r.RowVersion));
        await Database.RunAsync($"update executions_behind set status = 'failed' where id = '{ids[1]}'");
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(Complete, [ExecutionDatabase.Of(rows[0]), ExecutionDatabase.Of(rows[1]), ExecutionDatabase.Of(ids[2])]);
        Assert.Same(rows[1], SingleFailure(outcomes, LeoErrorId.StatusConflict).Source);
        await AssertAsInTableAsync([outcomes[0], outcomes[2]]);
        FlowExecution started = await StartOneAsync(ExecutionDatabase.Run(executionKey: "through the view"));
        Assert.Equal(("through the view", true, null), (started.ExecutionKey, started.IsNew, started.RowVersion));
        Assert.Equal(LeoErrorId.DuplicateExecutionKey, Assert.Single(await StartAsync([ExecutionDatabase.Run(executionKey: "through the view")])).Error?.ErrorId);
    }
}
