using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Executions;

/// <summary>Runs under governance: what a start writes, what filters select, and what happens where the table lacks a column.</summary>
public sealed class GovernanceTests(PostgresServer server) : GovernanceDatabaseTest(server)
{
    private static readonly RunValues Governed = new()
    {
        VentureId = Guid.Parse("aaaaaaaa-0000-0000-0000-000000000001"),
        PrdId = Guid.Parse("bbbbbbbb-0000-0000-0000-000000000002"),
        SdId = "SD-UAT-001",
        BudgetLimit = 1000,
    };

    [PostgresFact]
    public async Task A_new_run_is_governed_and_shows_it()
    {
        await GovernAsync();
        IReadOnlyList<ChangeOutcome<FlowExecution>> outcomes = await StartAsync([ExecutionDatabase.Run(values: Governed), ExecutionDatabase.Run()]);
        FlowExecution run = outcomes[0].Row!;
        Assert.Equal((Governed.VentureId, Governed.PrdId, Governed.SdId, 1000, 0, false), (run.VentureId, run.PrdId, run.SdId, run.BudgetLimit, run.BudgetConsumed, run.KilledByBudget));
        FlowExecution other = outcomes[1].Row!;
        Assert.Equal((null, null, null, null, 0), (other.VentureId, other.PrdId, other.SdId, other.BudgetLimit, other.BudgetConsumed));
        await AssertAsInTableAsync(outcomes);
    }

    [PostgresFact]
    public async Task A_queued_run_is_governed_when_it_starts_and_a_restart_takes_its_governance_along()
    {
        await GovernAsync();
        Guid queued = (await Database.InsertAsync(1, "pending"))[0];
        FlowExecution run = Assert.Single(await StartAsync([ExecutionDatabase.Of(queued, Governed)])).Row!;
        Assert.Equal((Governed.VentureId, Governed.SdId, 1000), (run.VentureId, run.SdId, run.BudgetLimit));
        // As an object, whose update may return less than the whole row where it writes nothing else.
        FlowExecution ended = Assert.Single(await ChangeAsync(Complete, [ExecutionDatabase.Of(run, new RunValues { BudgetConsumed = 400, TokenCount = 7 })])).Row!;
        Assert.Equal((400, 7), (ended.BudgetConsumed, ended.TokenCount));
        await AssertAsInTableAsync([ChangeOutcome<FlowExecution>.Changed(null, ended)]);
        FlowExecution again = Assert.Single(await Database.Database.Executions.RestartAsync(
            ExecutionDatabase.Starting(), [new RunRestart(ended.Id, ended.Guard, null)], Bulk.Each, ExecutionDatabase.Context, CancellationToken.None).OutcomesAsync()).Row!;
        Assert.Equal((Governed.VentureId, Governed.PrdId, Governed.SdId, 1000, 0), (again.VentureId, again.PrdId, again.SdId, again.BudgetLimit, again.BudgetConsumed));
    }

    [PostgresFact]
    public async Task Filters_select_by_each_column_and_figures_are_of_what_they_select()
    {
        await GovernAsync();
        await StartAsync([ExecutionDatabase.Run(values: Governed), ExecutionDatabase.Run(values: new RunValues { SdId = "SD-OTHER", BudgetLimit = 5 }), ExecutionDatabase.Run()]);
        await Database.RunAsync("update crewai_flow_executions set killed_by_budget = true where budget_limit = 5");
        (ExecutionFilter Filter, string Sds)[] cases =
        [
            (new ExecutionFilter { VentureIds = [Governed.VentureId!.Value] }, "SD-UAT-001"),
            (new ExecutionFilter { PrdIds = [Governed.PrdId!.Value, Guid.NewGuid()] }, "SD-UAT-001"),
            (new ExecutionFilter { SdIds = ["SD-OTHER"] }, "SD-OTHER"),
            (new ExecutionFilter { SdIds = ["sd-*"] }, "SD-OTHER, SD-UAT-001"),
            (new ExecutionFilter { BudgetLimits = [5, 1000] }, "SD-OTHER, SD-UAT-001"),
            (new ExecutionFilter { KilledByBudget = true }, "SD-OTHER"),
            (new ExecutionFilter { VentureIds = [Guid.NewGuid()] }, ""),
        ];
        foreach ((ExecutionFilter filter, string sds) in cases)
        {
            List<FlowExecution> rows = await Database.ReadAsync(new ExecutionQuery { Filter = filter });
            Assert.Equal(sds, string.Join(", ", rows.Select(r => r.SdId).Order(StringComparer.Ordinal)));
            ExecutionMeasure measure = Assert.Single(await Store.MeasureAsync(new MeasureRequest(filter, [], null, null), ExecutionDatabase.Context, CancellationToken.None));
            Assert.Equal(rows.Count, measure.Count);
        }
    }

    [PostgresTheory]
    [InlineData("venture_id", "VentureId")]
    [InlineData("prd_id", "PrdId")]
    [InlineData("sd_id", "SdId")]
    [InlineData("budget_limit", "BudgetLimit")]
    [InlineData("killed_by_budget", "KilledByBudget")]
    public async Task A_column_that_the_table_lacks_is_named_and_nothing_is_read(string column, string property)
    {
        await GovernAsync();
        await Database.RunAsync($"alter table crewai_flow_executions drop column {column}");
        var filter = new ExecutionFilter
        {
            VentureIds = column == "venture_id" ? [Guid.Empty] : null,
            PrdIds = column == "prd_id" ? [Guid.Empty] : null,
            SdIds = column == "sd_id" ? ["x"] : null,
            BudgetLimits = column == "budget_limit" ? [1] : null,
            KilledByBudget = column == "killed_by_budget",
        };
        LeoException[] errors =
        [
            await Assert.ThrowsAsync<LeoException>(() => Database.ReadAsync(new ExecutionQuery { Filter = filter })),
            await Assert.ThrowsAsync<LeoException>(() => Store.MeasureAsync(new MeasureRequest(filter, [], null, null), ExecutionDatabase.Context, CancellationToken.None)),
        ];
        AssertEach.Of(errors, e =>
        {
            Assert.Equal(LeoErrorId.SchemaMissing, e.ErrorId);
            Assert.Contains($"no column {column}", e.Message, StringComparison.Ordinal);
            Assert.Contains("public.crewai_flow_executions", e.Message, StringComparison.Ordinal);
            Assert.Contains(property, e.Message, StringComparison.Ordinal);
        });
        Assert.DoesNotContain(column, await Store.GetColumnsAsync(ExecutionDatabase.Context, CancellationToken.None));
    }

    [PostgresFact]
    public async Task A_database_without_these_columns_shows_none_and_starts_as_before()
    {
        FlowExecution run = await StartOneAsync(ExecutionDatabase.Run());
        Assert.Equal((null, null, null, null), (run.VentureId, run.SdId, run.BudgetLimit, run.KilledByBudget));
        ChangeOutcome<FlowExecution>? refused = null;
        LeoException error = await Assert.ThrowsAsync<LeoException>(async () => refused = (await StartAsync([ExecutionDatabase.Run(values: Governed)]))[0]);
        Assert.Equal((LeoErrorId.SchemaMissing, null), (error.ErrorId, refused));
        Assert.Equal(1, await Database.ScalarAsync<long>("select count(*) from crewai_flow_executions"));
    }
}
