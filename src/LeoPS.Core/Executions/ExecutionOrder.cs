namespace LeoPS;

/// <summary>Columns by which executions can be ordered; ties are broken by id, nulls come last.</summary>
public enum ExecutionOrder
{
    /// <summary>id.</summary>
    Id,

    /// <summary>started_at.</summary>
    StartedAt,

    /// <summary>completed_at.</summary>
    CompletedAt,

    /// <summary>execution_key.</summary>
    ExecutionKey,

    /// <summary>duration_ms.</summary>
    DurationMs,

    /// <summary>token_count.</summary>
    TokenCount,

    /// <summary>cost_usd.</summary>
    CostUsd,

    /// <summary>status, by its text.</summary>
    Status,
}
