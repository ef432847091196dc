namespace LeoPS.Executions;

/// <summary>Why a block was stopped before its end.</summary>
public enum StopCause
{
    /// <summary>It was not stopped by us.</summary>
    None,

    /// <summary>The user pressed Ctrl+C, or the job was stopped.</summary>
    Call,

    /// <summary>Whoever takes its output wanted no more, or failed.</summary>
    Downstream,

    /// <summary>It wrote an error, a warning or information, and the user wants to stop at such.</summary>
    ErrorAction,

    /// <summary>It took too long.</summary>
    Timeout,

    /// <summary>The run consumed more than its budget.</summary>
    Budget,

    /// <summary>The run is no longer this process's.</summary>
    Over,
}
