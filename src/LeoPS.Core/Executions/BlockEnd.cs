namespace LeoPS.Executions;

/// <summary>How a block came to its end.</summary>
public enum BlockEnd
{
    /// <summary>At its last statement.</summary>
    Finished,

    /// <summary>By an error.</summary>
    Failed,

    /// <summary>It was stopped.</summary>
    Stopped,
}
