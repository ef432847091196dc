namespace LeoPS;

/// <summary>The six statuses of crewai_flow_executions.status, in lower case there.</summary>
public enum ExecutionStatus
{
    /// <summary>Queued; started_at is its queue time.</summary>
    Pending,

    /// <summary>Going on since started_at.</summary>
    Running,

    /// <summary>Ended well at completed_at. Terminal.</summary>
    Completed,

    /// <summary>Ended with an error at completed_at. Terminal.</summary>
    Failed,

    /// <summary>Called off at completed_at. Terminal.</summary>
    Cancelled,

    /// <summary>Given up at completed_at, because it took too long. Terminal.</summary>
    Timeout,
}
