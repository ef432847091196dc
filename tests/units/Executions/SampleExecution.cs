namespace LeoPS.Units.Executions;

/// <summary>A run with every column filled.</summary>
internal static class SampleExecution
{
    public static readonly DateTimeOffset At = new DateTimeOffset(2026, 1, 10, 3, 37, 46, TimeSpan.Zero).AddMicroseconds(396_001);

    public static readonly Guid FlowId = new("7c9e6679-7425-40de-944b-e07fc1f90ae7");

    public static FlowExecution Full() => new()
    {
        Id = new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"),
        FlowId = FlowId,
        FlowKey = "weekly-board-meeting",
        FlowName = "Weekly \"board\" meeting 🎉",
        ExecutionKey = "WEEKLY-1",
        Status = ExecutionStatus.Failed,
        RawInputState = """{"attendees": 1.10, "big": 1e400}""",
        RawOutputState = "null",
        ErrorMessage = "Line one\nLine two: 100 % \\ 🎉",
        ErrorStack = "at \"here\"",
        ErrorType = "RateLimitError",
        StartedAt = At,
        CompletedAt = At.AddMilliseconds(1500),
        DurationMs = 1500,
        TokenCount = int.MaxValue,
        CostUsd = 0.0600m,
        BoardMeetingId = new Guid("11111111-2222-3333-4444-555555555555"),
        ExecutedBy = new Guid("22222222-2222-3333-4444-555555555555"),
        ExecutionMode = LeoPS.ExecutionMode.Scheduled,
        RawMetadata = "[1, 2]",
        RawAdditionalColumns = """{"budget_limit": 5.50}""",
        RowVersion = uint.MaxValue,
        IsNew = true,
    };

    public static FlowExecution Bare() => new() { Id = Full().Id, FlowId = FlowId, ExecutionKey = "BARE" };
}
