namespace LeoPS;

/// <summary>The three values of crewai_flow_executions.execution_mode, in lower case there.</summary>
public enum ExecutionMode
{
    /// <summary>Somebody started it.</summary>
    Manual,

    /// <summary>A timetable started it.</summary>
    Scheduled,

    /// <summary>An event started it.</summary>
    Triggered,
}
