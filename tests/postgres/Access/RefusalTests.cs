using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Flows;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Access;

/// <summary>What is said where rights or policies stand in the way, and how many statements it takes to find out.</summary>
[Trait("Category", "Core")]
public sealed class RefusalTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private const string Handoffs = "public.exec_handoff_preparations";
    private static readonly StatusMove<HandoffStatus> Send = HandoffDatabase.MoveTo(HandoffStatus.Sent);

    [PostgresFact]
    public async Task A_row_that_may_be_read_and_not_changed_names_the_missing_policy()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        await using ILeoDatabase member = await AsAsync("authenticated");
        string expected = $"Row level security of {Handoffs} has no policy for UPDATE that applies to role authenticated.";
        Says((await ChangeAsync(Send, [HandoffDatabase.Of(ids[0])], store: member.Handoffs))[0], expected, "Role authenticated can read handoff", "service_role");
        Says((await member.Handoffs.ChangeAsync(Send, [HandoffDatabase.Of(ids[0])], new BulkOptions(10, IsAtomic: true), HandoffDatabase.Context, CancellationToken.None)).Outcomes[0], expected);
        SelectionResult<HandoffPreparation> selected = await member.Handoffs.ChangeSelectionAsync(
            Send, new HandoffFilter { Statuses = [HandoffStatus.Ready] }, false, false, HandoffDatabase.Context, CancellationToken.None);
        Assert.Equal((0, 2), (selected.Changed, selected.Outcomes.Count));
        AssertEach.Of(selected.Outcomes, o => Says(o, expected));
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> removed = await member.Handoffs.RemoveAsync(
            [new RowRemoval(ids[0], null, ids[0])], Bulk.Each, null, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();
        Says(removed[0], $"Row level security of {Handoffs} has no policy for DELETE that applies to role authenticated.");
        await using ILeoTransaction transaction = await member.BeginAsync(CancellationToken.None);
        Says((await ChangeAsync(Send, [HandoffDatabase.Of(ids[1])], store: transaction.Database.Handoffs))[0], expected);
    }

    [PostgresFact]
    public async Task A_policy_that_kept_a_row_is_named_with_its_condition()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await Database.RunAsync("create policy \"own; -- ones\" on exec_handoff_preparations for update to authenticated using (auth.uid() = session_id)");
        await using ILeoDatabase member = await AsAsync("authenticated");
        Says((await ChangeAsync(Send, [HandoffDatabase.Of(id)], store: member.Handoffs))[0], "policies for UPDATE: own; -- ones (auth.uid() = session_id)", "-UserId");
    }

    [PostgresFact]
    public async Task A_trigger_that_kept_a_row_is_not_called_a_policy()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await Database.RunAsync("""
            create function skip() returns trigger language plpgsql as 'begin return null; end';
            create trigger skip before update on exec_handoff_preparations for each row execute function skip()
            """);
        ChangeOutcome<HandoffPreparation> outcome = (await ChangeAsync(Send, [HandoffDatabase.Of(id)]))[0];
        Says(outcome, "but not change it", $"Row level security does not bind this role on {Handoffs}", "a trigger or a rule");
    }

    [PostgresFact]
    public async Task A_new_row_that_a_policy_refuses_names_it()
    {
        Guid flow = await Database.ScalarAsync<Guid>("insert into crewai_flows (flow_key, flow_name, flow_definition) values ('f', 'f', '{}') returning id");
        await using ILeoDatabase member = await AsAsync("authenticated");
        RunStart[] starts = [.. Enumerable.Range(0, 2).Select(_ => new RunStart { Id = Guid.NewGuid(), FlowId = flow, Values = RunValues.None, Source = flow }.Check())];
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await member.Executions.StartAsync(
            new RunStartRules(ExecutionStatus.Running, KeyConflict.Fail, false), starts, Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();
        AssertEach.Of(outcomes, o => Says(o, "Role authenticated may not start this run", "-ExecutedBy", "executions_create (auth.uid() = executed_by)", "executions_read_own (auth.uid() = executed_by)", "-UserId"));
        NewFlow made = new() { FlowKey = "mine", Values = new FlowValues { FlowName = "n", FlowDefinition = "{}", Given = FlowFields.FlowName | FlowFields.FlowDefinition }, Source = "mine" };
        Says((await member.Flows.CreateAsync([made], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync())[0], "-CreatedBy", "flows_create_own (auth.uid() = created_by)", "flows_read_active");
    }

    [PostgresFact]
    public async Task Where_no_policy_takes_any_row_a_thousand_cost_as_many_statements_as_two()
    {
        await using ILeoDatabase member = await AsAsync("authenticated");
        var lines = new List<string>();
        CallContext context = HandoffDatabase.Context with { Log = line => { lock (lines) { lines.Add(line); } } };
        HandoffDraft[] drafts =
        [
            .. Enumerable.Range(0, 999).Select(i => new HandoffDraft { SessionId = HandoffDatabase.SessionId, Values = new HandoffValues { [ContentColumn.ImplementationSummary] = "s" }, Source = i }),
            new HandoffDraft { Sd = "SD-UNKNOWN", Values = new HandoffValues { [ContentColumn.ImplementationSummary] = "s" }, Source = "unknown" },
        ];
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await member.Handoffs.CreateAsync(new DraftRules(false, false), drafts, Bulk.Each, context, CancellationToken.None).OutcomesAsync();
        AssertEach.Of(outcomes.Take(999), o => Says(o, $"Row level security of {Handoffs} has no policy for INSERT that applies to role authenticated."));
        // What else stands in the way of one is still its own error.
        Assert.Equal(LeoErrorId.ReferenceNotFound, outcomes[999].Error?.ErrorId);
        Assert.InRange(lines.Count, 3, 8);
    }

    [PostgresFact]
    public async Task A_missing_right_is_named_with_the_rights_that_are_there_whether_it_reads_or_writes()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        const string Outsider = "Out'sider \"; --";
        if (!await Database.ScalarAsync<bool>($"select exists (select from pg_roles where rolname = 'Out''sider \"; --')"))
        {
            await Database.RunAsync("create role \"Out'sider \"\"; --\" nologin");
        }

        await Database.RunAsync($"grant select (id), update on exec_handoff_preparations to \"Out'sider \"\"; --\"");
        await using ILeoDatabase outsider = await AsAsync(Outsider);
        LeoException[] errors =
        [
            await Assert.ThrowsAsync<LeoException>(() => Database.ReadAsync(database: outsider)),
            await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(Send, [HandoffDatabase.Of(id)], store: outsider.Handoffs)),
        ];
        await using ILeoTransaction transaction = await outsider.BeginAsync(CancellationToken.None);
        AssertEach.Of([.. errors, await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(Send, [HandoffDatabase.Of(id)], store: transaction.Database.Handoffs))], error =>
        {
            Assert.Equal((LeoErrorId.Forbidden, "42501"), (error.ErrorId, error.SqlState));
            Assert.Contains($"Role {Outsider} may not do this", error.Message, StringComparison.Ordinal);
        });
        Assert.Contains($"has UPDATE on {Handoffs}, and lacks SELECT, INSERT, DELETE", errors[0].Message, StringComparison.Ordinal);
        Assert.Contains("to \"Out'sider \"\"; --\".", errors[0].Message, StringComparison.Ordinal);
        Assert.Contains($"has SELECT on {Handoffs}, and lacks INSERT", (await WithoutAsync("insert")).Message, StringComparison.Ordinal);
    }

    private async Task<LeoException> WithoutAsync(string right)
    {
        await Database.RunAsync($"revoke {right}, update, delete on exec_handoff_preparations from authenticated");
        await using ILeoDatabase member = await AsAsync("authenticated");
        var draft = new HandoffDraft { SessionId = HandoffDatabase.SessionId, Values = new HandoffValues { [ContentColumn.ImplementationSummary] = "s" } };
        return await Assert.ThrowsAsync<LeoException>(() => member.Handoffs.CreateAsync(new DraftRules(false, false), [draft], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync());
    }

    private Task<ILeoDatabase> AsAsync(string role) => Database.OpenAsync(s => s with { Role = role });

    private static void Says<TRow>(ChangeOutcome<TRow> outcome, params string[] parts)
        where TRow : class
    {
        Assert.Equal((OutcomeKind.Failed, LeoErrorId.Forbidden), (outcome.Kind, outcome.Error?.ErrorId));
        AssertEach.Of(parts, part => Assert.Contains(part, outcome.Error!.Message, StringComparison.Ordinal));
    }
}
