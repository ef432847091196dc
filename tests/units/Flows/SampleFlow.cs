namespace LeoPS.Units.Flows;

/// <summary>A flow with every column filled.</summary>
internal static class SampleFlow
{
    public static readonly DateTimeOffset At = new DateTimeOffset(2026, 1, 10, 3, 37, 46, TimeSpan.Zero).AddMicroseconds(396_001);

    public static Flow Full() => new()
    {
        Id = new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"),
        FlowKey = "weekly-board-meeting",
        FlowName = "Weekly \"board\" meeting 🎉",
        Description = "Line one\nLine two",
        RawFlowDefinition = """{"nodes": [1.10], "big": 1e400}""",
        Status = FlowStatus.Active,
        Version = 3,
        CreatedBy = new Guid("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        Tags = new TextArray(["board", null, "with \"quotes\""]),
        RawMetadata = "null",
        ExecutionCount = 20,
        LastExecutedAt = At,
        CreatedAt = At.AddDays(-1),
        UpdatedAt = At.AddDays(1),
        RawAdditionalColumns = """{"owner": "exec"}""",
        RowVersion = uint.MaxValue,
        ContentHash = "abc",
    };

    public static Flow Bare() => new() { Id = Full().Id, FlowKey = "bare", FlowName = "Bare", RawFlowDefinition = "{}" };
}
