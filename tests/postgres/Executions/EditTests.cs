using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Edits of runs that go on: what is replaced, added and merged, and the end of a run over its budget.</summary>
public sealed class EditTests(PostgresServer server) : GovernanceDatabaseTest(server)
{
    [PostgresFact]
    public async Task Absolute_values_replace_and_added_ones_add_and_the_run_goes_on()
    {
        List<Guid> ids = await Database.InsertAsync(3, "running", ("token_count", "10"), ("cost_usd", "0.5"), ("metadata", """'{"a": 1}'"""));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await EditAsync(
            Of(ids[0], new RunUpdate { Values = new RunValues { TokenCount = 3, CostUsd = 0.0886m, Metadata = """{"b": 2}""" } }),
            Of(ids[1], new RunUpdate { AddTokens = 5, AddCostUsd = 0.25m, Values = new RunValues { AddedMetadata = """{"b": 2}""" } }),
            Of(ids[2], new RunUpdate { ClearsMetadata = true }));
        AssertEach.Of(outcomes, o => Assert.Equal((OutcomeKind.Changed, null), (o.Kind, o.Error?.Message)));
        Assert.Equal(
            [(3, 0.0886m, """{"b": 2}"""), (15, 0.75m, """{"a": 1, "b": 2}"""), (10, 0.5m, null)], outcomes.Select(o => (o.Row!.TokenCount!.Value, o.Row.CostUsd!.Value, o.Row.RawMetadata)));
        AssertEach.Of(outcomes, o => Assert.Equal((ExecutionStatus.Running, null, null), (o.Row!.Status, o.Row.CompletedAt, o.Row.DurationMs)));
        await AssertAsInTableAsync(outcomes);
    }

    [PostgresFact]
    public async Task A_number_that_is_NULL_counts_as_zero_and_pending_runs_are_edited_too()
    {
        Guid id = (await Database.InsertAsync(1, "pending"))[0];
        FlowExecution run = Assert.Single(await EditAsync(Of(id, new RunUpdate { AddTokens = 5, AddCostUsd = 1m }))).Row!;
        Assert.Equal((5, 1m, ExecutionStatus.Pending), (run.TokenCount, run.CostUsd, run.Status));
    }

    [PostgresFact]
    public async Task Forty_writers_that_add_at_once_lose_nothing()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => EditAsync(Of(id, new RunUpdate { AddTokens = 3, AddCostUsd = 0.0001m }))));
        FlowExecution run = await Database.ReadAsync(id);
        Assert.Equal((120, 0.004m), (run.TokenCount, run.CostUsd));
    }

    [PostgresFact]
    public async Task An_object_that_is_out_of_date_may_add_and_may_not_replace()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        FlowExecution stale = await Database.ReadAsync(id);
        await Database.RunAsync("update crewai_flow_executions set token_count = 1");
        Assert.Equal(3, Assert.Single(await EditAsync(Of(stale, new RunUpdate { AddTokens = 2 }))).Row!.TokenCount);
        ChangeOutcome<FlowExecution> refused = Assert.Single(await EditAsync(Of(stale, new RunUpdate { Values = new RunValues { TokenCount = 9 } })));
        Assert.Equal(LeoErrorId.EditConflict, refused.Error?.ErrorId);
        Assert.Equal(3, (await Database.ReadAsync(id)).TokenCount);
    }

    [PostgresFact]
    public async Task A_run_that_has_ended_is_left_alone_unless_forced_and_others_of_the_batch_are_written()
    {
        List<Guid> ids = [.. await Database.InsertAsync(1, "completed"), .. await Database.InsertAsync(1, null), .. await Database.InsertAsync(1)];
        RunUpdate update = new() { Values = new RunValues { TokenCount = 4 } };
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await EditAsync([.. ids.Select(id => Of(id, update)), Of(Guid.NewGuid(), update)]);
        Assert.Equal([LeoErrorId.InvalidTransition, LeoErrorId.InvalidTransition, null, LeoErrorId.NotFound], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Contains("-Force", outcomes[0].Error!.Message, StringComparison.Ordinal);
        AssertEach.Of(await EditAsync(force: true, [.. ids.Select(id => Of(id, update))]), o => Assert.Equal((OutcomeKind.Changed, 4), (o.Kind, o.Row?.TokenCount)));
    }

    [PostgresFact]
    public async Task The_owner_of_a_run_stays_in_its_metadata_whatever_is_written_there()
    {
        List<Guid> ids = await Database.InsertAsync(3, "running", ("metadata", """'{"leopsOwner": {"pid": 7}, "a": 1}'"""));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await EditAsync(
            Of(ids[0], new RunUpdate { Values = new RunValues { Metadata = """{"b": 2, "leopsOwner": "stale"}""" } }),
            Of(ids[1], new RunUpdate { Values = new RunValues { AddedMetadata = """{"b": 2, "leopsOwner": "stale"}""" } }),
            Of(ids[2], new RunUpdate { ClearsMetadata = true }));
        Assert.Equal(
            ["""{"b": 2, "leopsOwner": {"pid": 7}}""", """{"a": 1, "b": 2, "leopsOwner": {"pid": 7}}""", """{"leopsOwner": {"pid": 7}}"""], outcomes.Select(o => o.Row!.RawMetadata));
    }

    [PostgresFact]
    public async Task Metadata_that_is_no_object_takes_no_members_and_is_replaced()
    {
        List<Guid> ids = await Database.InsertAsync(3, "running", ("metadata", "case n when 1 then '[1]'::jsonb when 2 then 'null' end"));
        RunUpdate merge = new() { Values = new RunValues { AddedMetadata = """{"b": 2}""" } };
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await EditAsync([.. ids.Select(id => Of(id, merge))]);
        ChangeOutcome<FlowExecution> refused = Assert.Single(outcomes, o => o.Error is not null);
        Assert.Equal(LeoErrorId.InvalidJson, refused.Error!.ErrorId);
        AssertEach.Of(outcomes.Where(o => o != refused), o => Assert.Equal("""{"b": 2}""", o.Row!.RawMetadata));
        var array = (Guid)refused.Source!;
        Assert.Equal("""{"b": 2}""", Assert.Single(await EditAsync(Of(array, new RunUpdate { Values = new RunValues { Metadata = """{"b": 2}""" } }))).Row!.RawMetadata);
    }

    [PostgresFact]
    public async Task A_run_over_its_budget_is_ended_by_the_same_statement_with_an_error_beside_it()
    {
        await GovernAsync();
        List<Guid> ids = await Database.InsertAsync(4, "running", ("budget_limit", "case n when 4 then null else 1000 end"), ("budget_consumed", "900"), ("started_at", "now() - interval '90 s'"));
        List<FlowExecution> rows = (await Database.ReadAsync()).OrderBy(r => r.BudgetLimit is null).ToList();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await EditAsync(
            Of(rows[0], new RunUpdate { AddBudget = 101 }),
            Of(rows[1], new RunUpdate { AddBudget = 100 }),
            Of(rows[2].Id, new RunUpdate { Values = new RunValues { BudgetLimit = 899 } }),
            Of(rows[3].Id, new RunUpdate { AddBudget = 1_000_000 }));
        Assert.Equal([ExecutionStatus.Cancelled, ExecutionStatus.Running, ExecutionStatus.Cancelled, ExecutionStatus.Running], outcomes.Select(o => o.Row!.Status!.Value));
        Assert.Equal([LeoErrorId.ExecutionCancelled, null, LeoErrorId.ExecutionCancelled, null], outcomes.Select(o => o.Error?.ErrorId));
        Assert.Equal([true, false, true, false], outcomes.Select(o => o.Row!.KilledByBudget!.Value));
        Assert.Equal([1001, 1000, 900, 1_000_900], outcomes.Select(o => o.Row!.BudgetConsumed!.Value));
        FlowExecution killed = outcomes[0].Row!;
        Assert.Equal(("The run consumed 1001 of a budget of 1000.", "BudgetExceeded"), (killed.ErrorMessage, killed.ErrorType));
        Assert.InRange(killed.DurationMs!.Value, 90_000, 120_000);
        Assert.Contains("1001 of a budget of 1000", outcomes[0].Error!.Message, StringComparison.Ordinal);
        AssertEach.Of(outcomes, o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        await AssertAsInTableAsync(outcomes);
        Assert.Equal(4, ids.Count);
        // What has ended stays as it is.
        Assert.Equal(LeoErrorId.InvalidTransition, Assert.Single(await EditAsync(Of(killed.Id, new RunUpdate { AddBudget = 1 }))).Error?.ErrorId);
        ChangeOutcome<FlowExecution> corrected = Assert.Single(await EditAsync(force: true, Of(killed.Id, new RunUpdate { AddBudget = 1 })));
        Assert.Equal((null, 1002), (corrected.Error?.Message, corrected.Row!.BudgetConsumed));
    }

    [PostgresFact]
    public async Task A_run_too_long_for_duration_ms_is_ended_without_an_end_and_says_so()
    {
        await GovernAsync();
        Guid id = (await Database.InsertAsync(1, "running", ("budget_limit", "1"), ("started_at", "now() - interval '60 days'")))[0];
        ChangeOutcome<FlowExecution> outcome = Assert.Single(await EditAsync(Of(id, new RunUpdate { AddBudget = 2 })));
        Assert.Equal((ExecutionStatus.Cancelled, null, null, true), (outcome.Row!.Status, outcome.Row.CompletedAt, outcome.Row.DurationMs, outcome.Row.KilledByBudget));
        Assert.Contains("24.8 days", outcome.Note, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task All_or_none_and_a_run_over_its_budget_is_no_failure()
    {
        await GovernAsync();
        List<Guid> ids = await Database.InsertAsync(2, "running", ("budget_limit", "10"));
        RunUpdate update = new() { AddBudget = 11 };
        BulkResult<FlowExecution> taken = await Store.EditAsync([Of(ids[0], update), Of(Guid.NewGuid(), update)], false, new BulkOptions(1000, IsAtomic: true), ExecutionDatabase.Context, CancellationToken.None);
        Assert.False(taken.Committed);
        Assert.Equal(0, (await Database.ReadAsync(ids[0])).BudgetConsumed);
        BulkResult<FlowExecution> done = await Store.EditAsync([.. ids.Select(id => Of(id, update))], false, new BulkOptions(1, IsAtomic: true), ExecutionDatabase.Context, CancellationToken.None);
        Assert.True(done.Committed);
        AssertEach.Of(done.Outcomes, o => Assert.Equal(ExecutionStatus.Cancelled, o.Row!.Status));
    }

    [PostgresFact]
    public async Task The_owner_of_a_run_over_its_budget_hears_of_it_at_once()
    {
        await GovernAsync();
        OwnedStart start = await Store.StartOwnedAsync(
            ExecutionDatabase.Starting(), ExecutionDatabase.Run(values: new RunValues { BudgetLimit = 5 }), ExecutionDatabase.Context, CancellationToken.None);
        FlowExecution run = start.Outcome.Row!;
        Assert.Null(Assert.Single(await EditAsync(Of(run, new RunUpdate { Values = new RunValues { BudgetConsumed = 5 } }))).Error);
        Assert.False(start.Run!.Over.IsCancellationRequested);
        Assert.Equal(LeoErrorId.ExecutionCancelled, Assert.Single(await EditAsync(Of(run.Id, new RunUpdate { AddBudget = 1 }))).Error?.ErrorId);
        Assert.True(start.Run.Over.IsCancellationRequested);
        Assert.Equal((ExecutionStatus.Cancelled, "it consumed more than its budget"), (start.Run.End!.Status, start.Run.End.Why));
    }

    [PostgresFact]
    public async Task What_a_column_cannot_hold_is_the_error_of_that_row()
    {
        List<Guid> ids = await Database.InsertAsync(3, "running", ("token_count", "2147483600"));
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await EditAsync(
            Of(ids[0], new RunUpdate { AddTokens = 47 }), Of(ids[1], new RunUpdate { AddTokens = 48 }), Of(ids[2], new RunUpdate { AddCostUsd = 999_999m }));
        Assert.Equal([null, LeoErrorId.ValueOutOfRange, null], outcomes.Select(o => o.Error?.ErrorId));
    }

    [PostgresFact]
    public async Task A_role_that_may_read_and_not_change_is_told_so()
    {
        var user = Guid.NewGuid();
        Guid id = (await Database.InsertAsync(1, "running", ("executed_by", $"'{user}'::uuid")))[0];
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated", user);
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes =
            await member.Executions.EditAsync([Of(id, new RunUpdate { AddTokens = 1 })], false, Bulk.Each, ExecutionDatabase.Context, CancellationToken.None).OutcomesAsync();
        Assert.Equal(LeoErrorId.Forbidden, Assert.Single(outcomes).Error?.ErrorId);
    }

    private static ExecutionEdit Of(Guid id, RunUpdate update) => new(id, null, id, update.Check());

    private static ExecutionEdit Of(FlowExecution row, RunUpdate update) => new(row.Id, row.Guard, row, update.Check());

    private Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> EditAsync(params ExecutionEdit[] edits) => EditAsync(force: false, edits);

    private Task<IReadOnlyList<ChangeOutcome<FlowExecution>>> EditAsync(bool force, params ExecutionEdit[] edits) =>
        Store.EditAsync(edits, force, Bulk.Each, ExecutionDatabase.Context, CancellationToken.None).OutcomesAsync();
}
