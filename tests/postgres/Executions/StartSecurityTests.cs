using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Who may start what, under the contract's row level security with Supabase's grants.</summary>
[Trait("Category", "Core")]
public sealed class StartSecurityTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private static readonly Guid User = Guid.Parse("00000000-0000-0000-0000-00000000000a");

    private static RunValues Own => new() { ExecutedBy = User };

    [PostgresFact]
    public async Task A_user_starts_its_own_runs_and_others_are_Forbidden_one_by_one()
    {
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", User);
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
            [
                ExecutionDatabase.Run(values: Own), ExecutionDatabase.Run(), ExecutionDatabase.Run(values: new RunValues { ExecutedBy = Guid.NewGuid() }), ExecutionDatabase.Run(values: Own),
            ],
            store: member.Executions);
        Assert.Equal([null, LeoErrorId.Forbidden, LeoErrorId.Forbidden, null], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Equal("42501", outcomes[1].Error!.SqlState);
        AssertEach.Of(["authenticated_login", "-ExecutedBy"], part => Assert.Contains(part, outcomes[1].Error!.Message, StringComparison.Ordinal));
        await AssertAsInTableAsync([outcomes[0], outcomes[3]]);
        // The flow is not the user's: its counter silently stays.
        Assert.Equal(0, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
        await Database.RunAsync($"update crewai_flows set created_by = '{User}'");
        Assert.Equal(OutcomeKind.Changed, Assert.Single(await StartAsync([ExecutionDatabase.Run(values: Own)], store: member.Executions)).Kind);
        Assert.Equal(1, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
    }

    [PostgresFact]
    public async Task Without_a_user_nothing_starts_and_anon_starts_nothing()
    {
        foreach (string role in new[] { "authenticated", "anon" })
        {
            await using ILeoDatabase member = await Database.OpenAsync(s => s with { Role = role });
            Assert.Equal(LeoErrorId.Forbidden, Assert.Single(await StartAsync([ExecutionDatabase.Run(values: Own)], store: member.Executions)).Error?.ErrorId);
        }

        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }

    [PostgresFact]
    public async Task A_flow_that_is_hidden_is_FlowNotFound_or_hidden()
    {
        await Database.AddFlowAsync("archived", "archived");
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", User);
        foreach (bool force in new[] { false, true })
        {
            ChangeOutcome<FlowExecution> outcome = Assert.Single(await StartAsync([ExecutionDatabase.Run("archived", values: Own)], ExecutionDatabase.Starting(force: force), store: member.Executions));
            Assert.Equal(LeoErrorId.FlowNotFound, outcome.Error?.ErrorId);
            Assert.Contains("hidden from role authenticated_login", outcome.Error!.Message, StringComparison.Ordinal);
        }
    }

    [PostgresFact]
    public async Task A_key_that_a_hidden_run_has_is_told_as_that()
    {
        await Database.InsertAsync(1, "running", ("execution_key", "'TAKEN'"), ("executed_by", "gen_random_uuid()"));
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", User);
        foreach (KeyConflict onConflict in Enum.GetValues<KeyConflict>())
        {
            IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync(
                [ExecutionDatabase.Run(values: Own), ExecutionDatabase.Run(executionKey: "TAKEN", values: Own), ExecutionDatabase.Run(values: Own)],
                ExecutionDatabase.Starting(onConflict),
                store: member.Executions);
            LeoException error = SingleFailure(outcomes, LeoErrorId.DuplicateExecutionKey).Error!;
            Assert.Contains("TAKEN is taken by a run that is hidden from role authenticated_login", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(5, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }

    [PostgresFact]
    public async Task Service_role_starts_where_it_bypasses_row_level_security_and_not_where_it_does_not()
    {
        await using (ILeoDatabase service = await Database.OpenAsync(s => s with { Role = "service_role" }))
        {
            Assert.Equal(OutcomeKind.Changed, Assert.Single(await StartAsync([ExecutionDatabase.Run()], store: service.Executions)).Kind);
            Assert.Equal(1, await Database.ScalarAsync<int>("select execution_count from crewai_flows"));
        }

        // A member of service_role inherits its grants, and not its bypass.
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("service_role");
        Assert.Equal(LeoErrorId.Forbidden, Assert.Single(await StartAsync([ExecutionDatabase.Run()], store: member.Executions)).Error?.ErrorId);
    }

    /// <summary>The trigger that counts executions updates the flow with the rights of the role.</summary>
    [PostgresFact]
    public async Task Without_the_right_that_the_counting_trigger_needs_each_execution_is_Forbidden_and_the_trigger_is_named()
    {
        await Database.RunAsync("revoke update on crewai_flows from authenticated");
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", User);

        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes =
            await StartAsync([ExecutionDatabase.Run(values: Own), ExecutionDatabase.Run(values: Own)], store: member.Executions);

        Assert.Equal(2, outcomes.Count);
        AssertEach.Of(outcomes, o =>
        {
            Assert.Equal((LeoErrorId.Forbidden, "42501"), (o.Error?.ErrorId, o.Error?.SqlState));
            Assert.Contains("crewai_flows", o.Error!.Message, StringComparison.Ordinal);
            Assert.Contains("update_flow_execution_count()", o.Error.Message, StringComparison.Ordinal);
        });
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }

    [PostgresTheory]
    [InlineData("revoke insert on crewai_flow_executions from authenticated", "crewai_flow_executions")]
    [InlineData("revoke select on crewai_flow_executions from authenticated", "crewai_flow_executions")]
    [InlineData("revoke all on crewai_flows from authenticated", "crewai_flows")]
    public async Task Without_a_grant_the_whole_call_is_Forbidden(string revoke, string table)
    {
        await Database.RunAsync(revoke);
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", User);
        LeoException[] errors =
        [
            await Assert.ThrowsAsync<LeoException>(() => StartAsync([ExecutionDatabase.Run(values: Own), ExecutionDatabase.Run(values: Own)], store: member.Executions)),
            await Assert.ThrowsAsync<LeoException>(() => StartAtomicallyAsync([ExecutionDatabase.Run(values: Own)], store: member.Executions)),
        ];
        AssertEach.Of(errors, e =>
        {
            Assert.Equal((LeoErrorId.Forbidden, "42501"), (e.ErrorId, e.SqlState));
            Assert.Contains(table, e.Message, StringComparison.Ordinal);
        });
        Assert.Equal(0, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }

    [PostgresFact]
    public async Task A_read_only_connection_starts_and_completes_nothing()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await using ILeoDatabase reader = await Database.OpenAsync(s => s with { ReadOnly = true });
        LeoException[] errors =
        [
            await Assert.ThrowsAsync<LeoException>(() => StartAsync([ExecutionDatabase.Run()], store: reader.Executions)),
            await Assert.ThrowsAsync<LeoException>(() => StartAtomicallyAsync([ExecutionDatabase.Run()], store: reader.Executions)),
            await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(Complete, [ExecutionDatabase.Of(id)], store: reader.Executions)),
            await Assert.ThrowsAsync<LeoException>(() => ChangeAtomicallyAsync(Complete, [ExecutionDatabase.Of(id)], store: reader.Executions)),
        ];
        AssertEach.Of(errors, e => Assert.Equal((LeoErrorId.ReadOnlyConnection, "25006"), (e.ErrorId, e.SqlState)));
    }
}
