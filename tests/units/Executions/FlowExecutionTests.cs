using System.Reflection;
using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Reading;
using LeoPS.Statuses;
using LeoPS.Units.Shape;

namespace LeoPS.Units.Executions;

public sealed class FlowExecutionTests
{
    /// <summary>The 18 columns of the table.</summary>
    private static readonly string[] Columns =
    [
        "id", "flow_id", "execution_key", "input_state", "output_state", "status", "error_message", "error_stack", "error_type", "started_at", "completed_at",
        "duration_ms", "token_count", "cost_usd", "board_meeting_id", "executed_by", "execution_mode", "metadata",
    ];

    private static readonly PropertyInfo[] Properties = typeof(FlowExecution).GetProperties(BindingFlags.Public | BindingFlags.Instance);

    public static TheoryData<ExecutionOrder, object?> Keys => new()
    {
        { ExecutionOrder.Id, SampleExecution.Full().Id },
        { ExecutionOrder.StartedAt, SampleExecution.At },
        { ExecutionOrder.CompletedAt, SampleExecution.At.AddMilliseconds(1500) },
        { ExecutionOrder.ExecutionKey, "WEEKLY-1" },
        { ExecutionOrder.DurationMs, 1500 },
        { ExecutionOrder.TokenCount, int.MaxValue },
        { ExecutionOrder.CostUsd, 0.06m },
        { ExecutionOrder.Status, "failed" },
    };

    [Fact]
    public void There_is_one_property_per_column_and_a_few_beside()
    {
        IEnumerable<string> expected = Columns
            .Select(column => string.Concat(column.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..])))
            .Concat(["FlowKey", "FlowName", "AdditionalColumns", "RowVersion", "IsNew", "OrphanEvidence",
                "VentureId", "PrdId", "SdId", "BudgetConsumed", "BudgetLimit", "KilledByBudget"]);

        Assert.Equal(expected.Order(StringComparer.Ordinal), Properties.Select(property => property.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nobody_makes_one_or_changes_one() => Assert.Empty(SurfaceRules.Model(typeof(FlowExecution)));

    [Fact]
    public void Json_columns_read_as_objects_and_are_parsed_when_asked_for()
    {
        FlowExecution row = SampleExecution.Full();

        Assert.Equal(1.10m, Assert.IsType<JsonMap>(row.InputState)["attendees"]);
        Assert.Null(row.OutputState);
        Assert.Equal("null", row.RawOutputState);
        Assert.Equal([1L, 2L], Assert.IsType<JsonList>(row.Metadata));
        Assert.Equal(5.50m, Assert.IsType<JsonMap>(row.AdditionalColumns)["budget_limit"]);
        Assert.Same(row.InputState, row.InputState);
        Assert.Empty(Assert.IsType<JsonMap>(SampleExecution.Bare().AdditionalColumns));
    }

    [Fact]
    public void The_text_names_key_id_and_status()
    {
        Assert.Equal("WEEKLY-1 0f8fad5b Failed", SampleExecution.Full().ToString());
        Assert.Equal("BARE 0f8fad5b ", SampleExecution.Bare().ToString());
    }

    [Fact]
    public void Messages_name_the_whole_id_and_the_key() =>
        Assert.Equal("0f8fad5b-d9cb-469f-a165-70867728950e (WEEKLY-1)", ((IStatusRow<ExecutionStatus>)SampleExecution.Full()).GetLabel());

    [Fact]
    public void The_guard_is_what_the_object_knows_and_the_table_has_no_time_of_change()
    {
        Assert.Equal(new RowGuard(uint.MaxValue, "failed", null), SampleExecution.Full().Guard);
        Assert.Equal(new RowGuard(null, null, null), SampleExecution.Bare().Guard);
        Assert.Null(((IStatusRow<ExecutionStatus>)SampleExecution.Full()).GetUpdatedAt());
    }

    [Fact]
    public void Every_order_is_listed() => Assert.Equal(Enum.GetValues<ExecutionOrder>(), Keys.Select(row => (ExecutionOrder)row[0]!));

    [Theory]
    [MemberData(nameof(Keys))]
    public void An_object_knows_its_place_in_every_order(ExecutionOrder order, object? key)
    {
        Assert.Equal(new ResumePoint(SampleExecution.Full().Id, KeyKnown: true, key), ResumePoint.After(SampleExecution.Full(), order));
        Assert.Equal(order is ExecutionOrder.Id or ExecutionOrder.ExecutionKey, ResumePoint.After(SampleExecution.Bare(), order).Key is not null);
        Assert.Throws<ArgumentOutOfRangeException>(() => ResumePoint.After(SampleExecution.Full(), (ExecutionOrder)99));
    }

    [Fact]
    public void An_ended_run_differs_in_what_an_end_changes_and_in_nothing_else()
    {
        FlowExecution before = SampleExecution.Full();
        FlowExecution after = before.Ended(ExecutionStatus.Completed, SampleExecution.At.AddDays(1), 86_400_000, 7);

        Assert.Equal((ExecutionStatus.Completed, SampleExecution.At.AddDays(1), 86_400_000, 7u), (after.Status, after.CompletedAt, after.DurationMs, after.RowVersion));
        Assert.False(after.IsNew);
        string[] changed = ["Status", "CompletedAt", "DurationMs", "RowVersion", "IsNew"];
        AssertEach.Of(
            Properties.Where(property => !changed.Contains(property.Name)),
            property => Assert.Equal(property.GetValue(before)?.ToString(), property.GetValue(after)?.ToString()));
        Assert.Equal((ExecutionStatus.Failed, 1500, uint.MaxValue, true), (before.Status, before.DurationMs, before.RowVersion, before.IsNew));
        Assert.Equal(before.RawInputState, after.RawInputState);
        // A value that is read back goes into the new object alone.
        after.RawInputState = "5";
        Assert.Equal(1.10m, Assert.IsType<JsonMap>(before.InputState)["attendees"]);
        Assert.Equal(5L, after.InputState);
    }

    [Fact]
    public void A_run_that_is_too_long_is_told_with_what_was_left_empty()
    {
        FlowExecution row = SampleExecution.Full();
        string withEnd = ExecutionDuration.Note(row);
        row.CompletedAt = null;
        string withoutEnd = ExecutionDuration.Note(row);

        AssertEach.Of([withEnd, withoutEnd], note => Assert.Contains("0f8fad5b-d9cb-469f-a165-70867728950e (WEEKLY-1)", note, StringComparison.Ordinal));
        Assert.DoesNotContain("completed_at", withEnd, StringComparison.Ordinal);
        Assert.Contains("completed_at and duration_ms left empty", withoutEnd, StringComparison.Ordinal);
        Assert.InRange(ExecutionDuration.Longest, TimeSpan.FromDays(24.8), TimeSpan.FromMilliseconds(int.MaxValue));
    }
}
