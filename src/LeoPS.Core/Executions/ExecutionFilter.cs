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

    /// <summary>venture_id to match, where the table has it.</summary>
    public IReadOnlyList<Guid>? VentureIds { get; init; }

    /// <summary>prd_id to match, where the table has it.</summary>
    public IReadOnlyList<Guid>? PrdIds { get; init; }

    /// <summary>sd_id to match, where the table has it, with PowerShell wildcards.</summary>
    public IReadOnlyList<string>? SdIds { get; init; }

    /// <summary>budget_limit to match, where the table has it.</summary>
    public IReadOnlyList<int>? BudgetLimits { get; init; }

    /// <summary>True where only runs are meant that were ended because they consumed more than their limit; killed_by_budget, where the table has it.</summary>
    public bool KilledByBudget { get; init; }

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

    /// <summary>The columns of governance that select: a table may lack them.</summary>
    public IEnumerable<string> GovernanceColumns => new[]
    {
        VentureIds is null ? null : Governance.VentureId,
        PrdIds is null ? null : Governance.PrdId,
        SdIds is null ? null : Governance.SdId,
        BudgetLimits is null ? null : Governance.BudgetLimit,
        KilledByBudget ? Governance.KilledByBudget : null,
    }.OfType<string>();

    /// <summary>True where nothing but ids selects.</summary>
    public bool OnlyIds => this with { Ids = null } == new ExecutionFilter();
}
