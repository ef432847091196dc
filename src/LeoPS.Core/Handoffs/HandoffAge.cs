namespace LeoPS.Handoffs;

/// <summary>Since when a handoff has had its status.</summary>
public static class HandoffAge
{
    /// <summary>The stamp of the present status, by the rule of -Stuck; null where the row has none of the times.</summary>
    public static DateTimeOffset? Since(HandoffPreparation row) => row.Status switch
    {
        HandoffStatus.Preparing => row.PreparedAt ?? row.UpdatedAt ?? row.CreatedAt,
        HandoffStatus.Ready => row.UpdatedAt ?? row.PreparedAt ?? row.CreatedAt,
        HandoffStatus.Sent => row.SentAt ?? row.UpdatedAt ?? row.CreatedAt,
        _ => row.ResponseAt ?? row.UpdatedAt ?? row.CreatedAt,
    };
}
