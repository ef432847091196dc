namespace LeoPS;

/// <summary>What measures of runs can be told apart by.</summary>
public enum ExecutionGroup
{
    /// <summary>flow_id.</summary>
    Flow,

    /// <summary>status.</summary>
    Status,

    /// <summary>execution_mode.</summary>
    Mode,

    /// <summary>The UTC day of started_at.</summary>
    Day,

    /// <summary>The UTC hour of started_at.</summary>
    Hour,

    /// <summary>executed_by.</summary>
    ExecutedBy,
}
