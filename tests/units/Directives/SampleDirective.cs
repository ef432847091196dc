namespace LeoPS.Units.Directives;

/// <summary>A strategic directive with every column filled.</summary>
internal static class SampleDirective
{
    public static readonly DateTimeOffset At = new DateTimeOffset(2026, 1, 10, 3, 37, 46, TimeSpan.Zero).AddMicroseconds(396_001);

    public static StrategicDirective Full(string id = "SD-UAT-001", string? key = "UAT-KEY") => new()
    {
        Id = id,
        SdKey = key,
        Title = "Acceptance \"tests\" 🎉",
        Status = "active",
        Category = "quality",
        Priority = "high",
        Description = "Line one\nLine two",
        Rationale = "r",
        Scope = "",
        CreatedAt = At,
        UpdatedAt = At.AddDays(1),
        RawAdditionalColumns = """{"sequence_rank": 12345678901234567890}""",
        RowVersion = 4_294_967_295,
    };
}
