namespace LeoPS;

/// <summary>The five statuses of exec_implementation_sessions.status, in lower case there.</summary>
public enum SessionStatus
{
    /// <summary>Going on; a directive has one such session at the most.</summary>
    Active,

    /// <summary>Put aside for a while.</summary>
    Paused,

    /// <summary>Ended well at completed_at.</summary>
    Completed,

    /// <summary>Ended without a result at completed_at.</summary>
    Failed,

    /// <summary>Called off at completed_at.</summary>
    Cancelled,
}
