using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Who may see and complete what, under the contract's row level security with Supabase's grants.</summary>
public sealed class CompleteSecurityTests(PostgresServer server) : ExecutionDatabaseTest(server)
{
    private static readonly Guid User = Guid.Parse("00000000-0000-0000-0000-00000000000a");

    [PostgresFact]
    public async Task Ones_own_runs_are_Forbidden_and_others_NotFound_and_nothing_changes()
    {
        List<Guid> own = await OwnAsync(4);
        FlowExecution other = await Database.ReadAsync((await Database.InsertAsync(1))[0]);
        string before = await Database.FingerprintAsync();
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", User);
        List<FlowExecution> rows = await Database.ReadAsync(database: member);
        Assert.Equal(own, rows.ConvertAll(r => r.Id));
        ExecutionChange[] changes =
        [
            ExecutionDatabase.Of(rows[0]), ExecutionDatabase.Of(own[1], new RunValues { OutputState = "1" }), ExecutionDatabase.Of(other), ExecutionDatabase.Of(other.Id), ExecutionDatabase.Of(rows[3]),
        ];
        foreach (IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes in new[]
        {
            await ChangeAsync(Complete, changes, store: member.Executions),
            (await ChangeAtomicallyAsync(Complete, changes, batchSize: 2, store: member.Executions)).Outcomes,
        })
        {
            Assert.Equal([LeoErrorId.Forbidden, LeoErrorId.Forbidden, LeoErrorId.NotFound, LeoErrorId.NotFound, LeoErrorId.Forbidden], outcomes.Select(o => o.Error!.ErrorId));
            Assert.Equal(changes.Select(c => c.Source), outcomes.Select(o => o.Source));
            AssertEach.Of(outcomes, o => Assert.Contains("role authenticated_login", o.Error!.Message, StringComparison.OrdinalIgnoreCase));
            Assert.Contains("hidden from role", outcomes[2].Error!.Message, StringComparison.Ordinal);
            Assert.Contains(rows[0].ExecutionKey, outcomes[0].Error!.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await Database.FingerprintAsync());
    }

    [PostgresFact]
    public async Task A_user_may_not_start_what_it_has_queued()
    {
        List<Guid> own = await OwnAsync(2, "pending");
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", User);
        FlowExecution row = (await Database.ReadAsync(database: member))[0];
        AssertEach.Of(await StartAsync([ExecutionDatabase.Of(row), ExecutionDatabase.Of(own[1])], store: member.Executions), o => Assert.Equal(LeoErrorId.Forbidden, o.Error?.ErrorId));
    }

    [PostgresFact]
    public async Task To_anon_every_run_is_NotFound_or_hidden()
    {
        List<Guid> own = await OwnAsync(1);
        await using ILeoDatabase anon = await Database.OpenAsMemberAsync("anon");
        Assert.Empty(await Database.ReadAsync(database: anon));
        Assert.Equal(LeoErrorId.NotFound, Assert.Single(await ChangeAsync(Complete, [ExecutionDatabase.Of(own[0])], store: anon.Executions)).Error?.ErrorId);
    }

    [PostgresFact]
    public async Task Service_role_completes_where_it_bypasses_row_level_security_and_sees_nothing_where_it_does_not()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        await using (ILeoDatabase member = await Database.OpenAsMemberAsync("service_role"))
        {
            Assert.Equal(LeoErrorId.NotFound, Assert.Single(await ChangeAsync(Complete, [ExecutionDatabase.Of(ids[0])], store: member.Executions)).Error?.ErrorId);
        }

        await using ILeoDatabase service = await Database.OpenAsync(s => s with { Role = "service_role" });
        FlowExecution row = (await Database.ReadAsync(database: service))[0];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(Complete, [ExecutionDatabase.Of(row), ExecutionDatabase.Of(ids[1])], store: service.Executions);
        AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        await AssertAsInTableAsync(outcomes);
    }

    [PostgresFact]
    public async Task Without_a_grant_the_whole_call_is_Forbidden()
    {
        List<Guid> own = await OwnAsync(2);
        await Database.RunAsync("revoke update on crewai_flow_executions from authenticated");
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", User);
        LeoException[] errors =
        [
            await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(Complete, own.Select(i => ExecutionDatabase.Of(i)), store: member.Executions)),
            await Assert.ThrowsAsync<LeoException>(() => ChangeAtomicallyAsync(Complete, own.Select(i => ExecutionDatabase.Of(i)), store: member.Executions)),
        ];
        AssertEach.Of(errors, e =>
        {
            Assert.Equal((LeoErrorId.Forbidden, "42501"), (e.ErrorId, e.SqlState));
            Assert.Contains("crewai_flow_executions", e.Message, StringComparison.Ordinal);
        });
    }

    [PostgresFact]
    public async Task A_policy_that_refuses_the_new_row_fails_that_row_alone()
    {
        List<Guid> own = await OwnAsync(10);
        await Database.RunAsync($"""
            create policy own_update on crewai_flow_executions for update to authenticated using (auth.uid() = executed_by) with check (id <> '{own[4]}')
            """);
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", User);
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await ChangeAsync(
            Complete, (await Database.ReadAsync(database: member)).Select(r => ExecutionDatabase.Of(r)), store: member.Executions);
        LeoException error = SingleFailure(outcomes, LeoErrorId.Forbidden).Error!;
        Assert.Equal((OutcomeKind.Failed, "42501"), (outcomes[4].Kind, error.SqlState));
        Assert.Equal(9, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions where status = 'completed'"));
    }

    private Task<List<Guid>> OwnAsync(int count, string status = "running") => Database.InsertAsync(count, status, ("executed_by", $"'{User}'::uuid"));
}
