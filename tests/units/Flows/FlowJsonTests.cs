using System.Text.Json;
using LeoPS.Flows;

namespace LeoPS.Units.Flows;

public sealed class FlowJsonTests
{
    [Fact]
    public void A_line_holds_every_column_lossless()
    {
        string line = FlowJson.Line(SampleFlow.Full());
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement read = document.RootElement;
        Assert.Equal(
            [
                "AdditionalColumns", "ContentHash", "CreatedAt", "CreatedBy", "Description", "ExecutionCount", "FlowDefinition", "FlowKey", "FlowName", "Id",
                "LastExecutedAt", "Metadata", "RowVersion", "Status", "Tags", "UpdatedAt", "Version",
            ],
            read.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(("weekly-board-meeting", "Active", "Line one\nLine two"), (read.GetProperty("FlowKey").GetString(), read.GetProperty("Status").GetString(), read.GetProperty("Description").GetString()));
        Assert.Equal("""{"nodes": [1.10], "big": 1e400}""", read.GetProperty("FlowDefinition").GetRawText());
        Assert.Equal(["board", null, "with \"quotes\""], read.GetProperty("Tags").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal("2026-01-10T03:37:46.396001Z", read.GetProperty("LastExecutedAt").GetString());
        Assert.Equal((uint.MaxValue, "abc"), (read.GetProperty("RowVersion").GetUInt32(), read.GetProperty("ContentHash").GetString()));
        Assert.Equal(JsonValueKind.Null, read.GetProperty("Metadata").ValueKind);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void What_is_null_in_the_table_is_absent()
    {
        using JsonDocument document = JsonDocument.Parse(FlowJson.Line(SampleFlow.Bare()));
        Assert.Equal(["Id", "FlowKey", "FlowName", "FlowDefinition"], document.RootElement.EnumerateObject().Select(p => p.Name));
    }
}
