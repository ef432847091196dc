using LeoPS.Reading;

namespace LeoPS.Executions;

/// <summary>Which executions are meant. Everything here is decided by the server; null means no such condition.</summary>
public sealed record ExecutionFilter : IRowFilter
{
    /// <summary>Ids to match.</summary>
    public IReadOnlyList<Guid>? Ids { get; init; }

    /// <summary>flow_id to match.</summary>
    public IReadOnlyList<Guid>? FlowIds { get; init; }

    /// <summary>Keys of flows, with PowerShell wildcards; a flow that row level security hides matches none.</summary>
    public IReadOnlyList<string>? FlowKeys { get; init; }

    /// <summary>Execution keys, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? ExecutionKeys { get; init; }

    /// <summary>status to match.</summary>
    public IReadOnlyList<ExecutionStatus>? Statuses { get; init; }

    /// <summary>execution_mode to match.</summary>
    public IReadOnlyList<ExecutionMode>? Modes { get; init; }

    /// <summary>board_meeting_id to match.</summary>
    public IReadOnlyList<Guid>? BoardMeetingIds { get; init; }

    /// <summary>executed_by to match.</summary>
    public IReadOnlyList<Guid>? ExecutedBy { get; init; }

    /// <summary>started_at at or after this time.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>started_at before this time.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Ended longer ago than this, by the server's clock; a run without an end by its start.</summary>
    public TimeSpan? EndedLongerAgo { get; init; }

    /// <summary>started_at at least so long ago, by the server's clock.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>True where only running executions are meant whose owning process is gone. One that nobody owns is none of these.</summary>
    public bool Orphaned { get; init; }

    /// <summary>True where nothing but ids selects.</summary>
    public bool OnlyIds => this with { Ids = null } == new ExecutionFilter();
}
