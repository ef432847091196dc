namespace LeoPS;

/// <summary>What measures of handoffs can be told apart by.</summary>
public enum HandoffGroup
{
    /// <summary>handoff_status.</summary>
    Status,

    /// <summary>sd_id.</summary>
    SdId,

    /// <summary>session_id.</summary>
    SessionId,

    /// <summary>The UTC day of prepared_at.</summary>
    Day,

    /// <summary>The ISO week of prepared_at, which begins on Monday, in UTC.</summary>
    Week,
}
