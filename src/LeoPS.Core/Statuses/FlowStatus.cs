namespace LeoPS;

/// <summary>The four statuses of crewai_flows.status, in lower case there.</summary>
public enum FlowStatus
{
    /// <summary>Being worked on; it can be started.</summary>
    Draft,

    /// <summary>In use.</summary>
    Active,

    /// <summary>Put away; it is not started without force.</summary>
    Archived,

    /// <summary>Replaced by another; it is not started without force.</summary>
    Deprecated,
}
