using LeoPS.Executions;

namespace LeoPS.Units.Executions;

public sealed class ExecutionLineTests
{
    private const string Whole = """{"Id":"0f8fad5b-d9cb-469f-a165-70867728950e","FlowId":"7c9e6679-7425-40de-944b-e07fc1f90ae7","ExecutionKey":"K"}""";

    [Fact]
    public void A_line_gives_back_what_the_run_had()
    {
        FlowExecution row = SampleExecution.Full();
        RunStart start = ExecutionLine.Parse(ExecutionJson.Line(row));
        Assert.Equal((row.Id, row.FlowId, row.FlowKey, row.ExecutionKey), (start.Id, start.FlowId, start.FlowKey, start.ExecutionKey));
        RestoredRun run = start.Restored!;
        Assert.Equal((row.RawInputState, row.RawOutputState, row.RawMetadata), (run.InputState, run.OutputState, run.Metadata));
        Assert.Equal(["budget_limit"], run.AdditionalColumns);
        var map = Assert.IsType<JsonMap>(JsonValue.Parse(run.Row));
        Assert.Equal(
            ("failed", row.ErrorMessage, row.ErrorStack, row.ErrorType, "2026-01-10T03:37:46.396001Z", 1500L, (long)int.MaxValue),
            (map["status"], map["error_message"], map["error_stack"], map["error_type"], map["started_at"], map["duration_ms"], map["token_count"]));
        Assert.Contains("\"cost_usd\":0.0600", run.Row, StringComparison.Ordinal);
        Assert.Contains("\"budget_limit\":5.50", run.Row, StringComparison.Ordinal);
        Assert.Equal("scheduled", map["execution_mode"]);
        Assert.True(start.IsPast);
    }

    [Fact]
    public void What_is_absent_is_null_and_a_null_of_json_is_that()
    {
        RestoredRun run = ExecutionLine.Parse(Whole.Replace("\"K\"", "\"K\",\"InputState\":null,\"Status\":null,\"StartedAt\":null", StringComparison.Ordinal)).Restored!;
        Assert.Equal(("{}", "null", null, null), (run.Row, run.InputState, run.OutputState, run.Metadata));
        Assert.Empty(run.AdditionalColumns);
    }

    [Theory]
    [InlineData("[]", LeoErrorId.InvalidJson)]
    [InlineData("{", LeoErrorId.InvalidJson)]
    [InlineData("""{"FlowId":"7c9e6679-7425-40de-944b-e07fc1f90ae7","ExecutionKey":"K"}""", LeoErrorId.InvalidIdentity)]
    [InlineData("""{"Id":"0f8fad5b-d9cb-469f-a165-70867728950e","ExecutionKey":"K"}""", LeoErrorId.ValueOutOfRange)]
    public void A_line_that_is_no_whole_run_is_refused(string line, LeoErrorId errorId) =>
        Assert.Equal(errorId, Assert.Throws<LeoException>(() => ExecutionLine.Parse(line)).ErrorId);

    [Theory]
    [InlineData("\"Status\":\"killed\"", "Status")]
    [InlineData("\"StartedAt\":\"10.01.2026\"", "StartedAt")]
    [InlineData("\"TokenCount\":\"5\"", "TokenCount")]
    [InlineData("\"ErrorMessage\":{}", "ErrorMessage")]
    [InlineData("\"Tokens\":5", "Tokens")]
    [InlineData("\"AdditionalColumns\":[]", "AdditionalColumns")]
    [InlineData("\"AdditionalColumns\":{\"status\":\"failed\"}", "status")]
    public void What_a_line_cannot_mean_is_named(string member, string named)
    {
        LeoException error = Assert.Throws<LeoException>(() => ExecutionLine.Parse(Whole.Replace("\"K\"", $"\"K\",{member}", StringComparison.Ordinal)));
        Assert.Equal(LeoErrorId.ValueOutOfRange, error.ErrorId);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_the_table_lacks_is_named()
    {
        RestoredRun run = ExecutionLine.Parse(ExecutionJson.Line(SampleExecution.Full())).Restored!;
        run.Require(["id", "budget_limit"]);
        LeoException error = Assert.Throws<LeoException>(() => run.Require(["id"]));
        Assert.Equal(LeoErrorId.SchemaMissing, error.ErrorId);
        Assert.Contains("budget_limit", error.Message, StringComparison.Ordinal);
    }
}
