namespace LeoPS.Units.Sessions;

/// <summary>An implementation session with every column filled.</summary>
internal static class SampleSession
{
    public static readonly DateTimeOffset At = new DateTimeOffset(2026, 1, 10, 3, 37, 46, TimeSpan.Zero).AddMicroseconds(396_001);

    public static ImplementationSession Full() => new()
    {
        Id = new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"),
        SdId = "9f5b8c1e",
        SdKey = "SD-UAT-001",
        SdTitle = "Acceptance tests",
        Status = SessionStatus.Active,
        ImplementationType = ImplementationType.API_ENDPOINT,
        StartedAt = At,
        CompletedAt = At.AddDays(1),
        CreatedAt = At.AddDays(2),
        UpdatedAt = At.AddDays(3),
        RawAdditionalColumns = """{"prd_id": "PRD-1"}""",
        RowVersion = 7,
    };
}
