namespace LeoPS;

/// <summary>Columns by which flows can be ordered; ties are broken by id, nulls come last.</summary>
public enum FlowOrder
{
    /// <summary>id.</summary>
    Id,

    /// <summary>flow_key.</summary>
    FlowKey,

    /// <summary>last_executed_at.</summary>
    LastExecutedAt,

    /// <summary>execution_count.</summary>
    ExecutionCount,

    /// <summary>created_at.</summary>
    CreatedAt,

    /// <summary>updated_at.</summary>
    UpdatedAt,
}
