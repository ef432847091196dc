using System.Text.Json;
using LeoPS.Executions;
using LeoPS.Units.Handoffs;

namespace LeoPS.Units.Executions;

public sealed class ExecutionJsonTests
{
    [Fact]
    public void A_line_holds_every_column_lossless()
    {
        string line = ExecutionJson.Line(SampleExecution.Full());
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement read = document.RootElement;

        Assert.Equal(
            [
                "AdditionalColumns", "BoardMeetingId", "CompletedAt", "CostUsd", "DurationMs", "ErrorMessage", "ErrorStack", "ErrorType", "ExecutedBy", "ExecutionKey",
                "ExecutionMode", "FlowId", "FlowKey", "FlowName", "Id", "InputState", "Metadata", "OutputState", "RowVersion", "StartedAt", "Status", "TokenCount",
            ],
            read.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal("""{"attendees": 1.10, "big": 1e400}""", read.GetProperty("InputState").GetRawText());
        Assert.Equal(("Failed", "Scheduled", "0.0600"), (read.GetProperty("Status").GetString(), read.GetProperty("ExecutionMode").GetString(), read.GetProperty("CostUsd").GetRawText()));
        Assert.Equal((1500, int.MaxValue, uint.MaxValue), (read.GetProperty("DurationMs").GetInt32(), read.GetProperty("TokenCount").GetInt32(), read.GetProperty("RowVersion").GetUInt32()));
        Assert.Equal(
            ("2026-01-10T03:37:46.396001Z", "2026-01-10T03:37:47.896001Z"), (read.GetProperty("StartedAt").GetString(), read.GetProperty("CompletedAt").GetString()));
        Assert.Equal("Line one\nLine two: 100 % \\ 🎉", read.GetProperty("ErrorMessage").GetString());
        Assert.Equal(5.50m, read.GetProperty("AdditionalColumns").GetProperty("budget_limit").GetDecimal());
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void Sql_null_is_absent_and_json_null_is_null()
    {
        using JsonDocument full = JsonDocument.Parse(ExecutionJson.Line(SampleExecution.Full()));
        using JsonDocument bare = JsonDocument.Parse(ExecutionJson.Line(SampleExecution.Bare()));

        Assert.Equal(JsonValueKind.Null, full.RootElement.GetProperty("OutputState").ValueKind);
        Assert.Equal(["Id", "FlowId", "ExecutionKey"], bare.RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void Numbers_and_times_do_not_follow_the_user_s_culture()
    {
        FlowExecution row = SampleExecution.Full();
        row.DurationMs = -1500;

        Assert.Equal(ExecutionJson.Line(row), Elsewhere.Run(() => ExecutionJson.Line(row)));
        Assert.Contains("\"DurationMs\":-1500", Elsewhere.Run(() => ExecutionJson.Line(row)), StringComparison.Ordinal);
    }
}
