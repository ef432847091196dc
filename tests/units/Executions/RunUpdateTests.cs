using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class RunUpdateTests
{
    [Fact]
    public void Nothing_a_negative_number_or_two_ways_to_write_one_column_are_refused()
    {
        RunUpdate[] wrong =
        [
            new(), new() { AddTokens = -1 }, new() { AddBudget = -1 }, new() { AddCostUsd = -0.01m }, new() { AddCostUsd = 1_000_000m },
            new() { AddTokens = 1, Values = new RunValues { TokenCount = 1 } }, new() { AddCostUsd = 1, Values = new RunValues { CostUsd = 1 } },
            new() { AddBudget = 1, Values = new RunValues { BudgetConsumed = 1 } }, new() { Values = new RunValues { BudgetLimit = -1 } },
        ];
        AssertEach.Of(wrong, update => Assert.Equal(LeoErrorId.ValueOutOfRange, Assert.Throws<LeoException>(update.Check).ErrorId));
    }

    [Fact]
    public void Metadata_are_an_object_or_cleared()
    {
        Assert.Equal(LeoErrorId.InvalidJson, Assert.Throws<LeoException>(new RunUpdate { Values = new RunValues { Metadata = "[1]" } }.Check).ErrorId);
        Assert.Equal(LeoErrorId.InvalidJson, Assert.Throws<LeoException>(new RunUpdate { Values = new RunValues { AddedMetadata = "null" } }.Check).ErrorId);
        Assert.True(new RunUpdate { ClearsMetadata = true }.Check().Any);
    }

    [Fact]
    public void Only_what_adds_needs_no_guard()
    {
        FlowExecution row = SampleExecution.Full();
        ExecutionEdit Edit(RunUpdate update) => new(row.Id, row.Guard, row, update);
        Assert.Null(Edit(new RunUpdate { AddTokens = 1, AddCostUsd = 1, AddBudget = 1 }).Guard);
        Assert.Equal(row.Guard, Edit(new RunUpdate { AddTokens = 1, Values = new RunValues { CostUsd = 1 } }).Guard);
        Assert.Equal(row.Guard, Edit(new RunUpdate { ClearsMetadata = true }).Guard);
    }

    [Theory]
    [InlineData(ExecutionStatus.Running, false, null)]
    [InlineData(ExecutionStatus.Pending, false, null)]
    [InlineData(ExecutionStatus.Failed, false, LeoErrorId.InvalidTransition)]
    [InlineData(ExecutionStatus.Failed, true, null)]
    [InlineData(null, false, LeoErrorId.InvalidTransition)]
    public void A_run_that_has_ended_is_corrected_by_force_alone(ExecutionStatus? status, bool force, LeoErrorId? errorId)
    {
        FlowExecution row = SampleExecution.Bare();
        row.Status = status;
        Assert.Equal(errorId, new ExecutionEdit(row.Id, null, row, new RunUpdate { AddTokens = 1 }).Obstacle(row, force)?.ErrorId);
    }

    [Fact]
    public void Columns_of_governance_are_those_that_are_written()
    {
        Assert.Equal(["budget_limit", "budget_consumed"], new RunUpdate { AddBudget = 1, Values = new RunValues { BudgetLimit = 2 } }.GovernanceColumns);
        Assert.Empty(new RunUpdate { AddTokens = 1 }.GovernanceColumns);
        LeoException missing = Assert.Throws<LeoException>(() => Governance.Require(["venture_id", "budget_limit"], ["venture_id"]));
        Assert.Equal(LeoErrorId.SchemaMissing, missing.ErrorId);
        Assert.Contains("no column budget_limit, and BudgetLimit needs it", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_shows_its_governance_where_the_table_has_it_in_a_type_that_fits()
    {
        FlowExecution row = SampleExecution.Bare();
        Assert.Equal((null, null, null, null, null, null), (row.VentureId, row.PrdId, row.SdId, row.BudgetConsumed, row.BudgetLimit, row.KilledByBudget));
        row.RawAdditionalColumns = """
            {"venture_id": "0f8fad5b-d9cb-469f-a165-70867728950e", "prd_id": "PRD-1", "sd_id": "SD-1", "budget_consumed": 7, "budget_limit": 5.5, "killed_by_budget": true}
            """;
        Assert.Equal((row.Id, null, "SD-1", 7, null, true), (row.VentureId, row.PrdId, row.SdId, row.BudgetConsumed, row.BudgetLimit, row.KilledByBudget));
    }

    [Theory]
    [InlineData(ExecutionStatus.Completed, true, true, null)]
    [InlineData(ExecutionStatus.Completed, false, true, LeoErrorId.ValueOutOfRange)]
    [InlineData(ExecutionStatus.Cancelled, true, false, LeoErrorId.ValueOutOfRange)]
    [InlineData(ExecutionStatus.Running, true, true, LeoErrorId.ValueOutOfRange)]
    [InlineData(ExecutionStatus.Pending, false, false, null)]
    public void A_recorded_run_has_the_times_of_its_status(ExecutionStatus status, bool started, bool completed, LeoErrorId? errorId)
    {
        DateTimeOffset at = SampleExecution.At;
        Assert.Equal(errorId, Fault(new RecordedState(status, started ? at : null, completed ? at : null)));
        Assert.Equal(LeoErrorId.ValueOutOfRange, Fault(new RecordedState(ExecutionStatus.Failed, at.AddTicks(1), at)));
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(5, false)]
    [InlineData(null, false)]
    public void A_block_over_its_budget_ends_as_killed_whatever_it_did(int? consumed, bool killed)
    {
        FlowExecution row = SampleExecution.Bare();
        row.RawAdditionalColumns = """{"budget_limit": 5}""";
        foreach (BlockEnd end in Enum.GetValues<BlockEnd>())
        {
            InvokedEnd decided = InvokedEnd.Of(row, end, StopCause.Budget, null, null, consumed);
            Assert.Equal(killed, decided.KilledByBudget);
            if (killed)
            {
                Assert.Equal((ExecutionStatus.Cancelled, LeoErrorId.ExecutionCancelled, false), (decided.Status, decided.Error?.ErrorId, decided.MayRetry));
                Assert.Equal("The run consumed 6 of a budget of 5.", decided.Message);
            }
        }
    }

    private static LeoErrorId? Fault(RecordedState state)
    {
        try
        {
            _ = state.Check();
            return null;
        }
        catch (LeoException e)
        {
            return e.ErrorId;
        }
    }
}
