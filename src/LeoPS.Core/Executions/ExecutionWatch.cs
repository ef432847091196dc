namespace LeoPS.Executions;

/// <summary>Which changes of executions to watch for; null means no such condition.</summary>
public sealed record ExecutionWatch
{
    /// <summary>Executions by id. With <see cref="FlowIds"/> either is enough.</summary>
    public IReadOnlyList<Guid>? Ids { get; init; }

    /// <summary>Executions of these flows. With <see cref="Ids"/> either is enough.</summary>
    public IReadOnlyList<Guid>? FlowIds { get; init; }

    /// <summary>Keys of flows, with PowerShell wildcards; a flow that row level security hides matches none.</summary>
    public IReadOnlyList<string>? FlowKeys { get; init; }

    /// <summary>Execution keys, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? ExecutionKeys { get; init; }

    /// <summary>Statuses that an execution has come to.</summary>
    public IReadOnlyList<ExecutionStatus>? Statuses { get; init; }

    /// <summary>board_meeting_id to match, as it is when the change is read.</summary>
    public IReadOnlyList<Guid>? BoardMeetingIds { get; init; }
}
