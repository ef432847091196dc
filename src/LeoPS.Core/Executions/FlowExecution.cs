using LeoPS.Changes;
using LeoPS.Executions;
using LeoPS.Reading;
using LeoPS.Statuses;

namespace LeoPS;

/// <summary>
/// One row of crewai_flow_executions, as it was when it was read: one property per column, named after it.
/// Comes from the database only; JSON columns are parsed when first asked for.
/// </summary>
public sealed class FlowExecution : IStatusRow<ExecutionStatus>, IOrderedRow<ExecutionOrder>
{
    private JsonColumn _inputState;
    private JsonColumn _outputState;
    private JsonColumn _metadata;
    private JsonColumn _additionalColumns;

    internal FlowExecution()
    {
    }

    /// <summary>id.</summary>
    public Guid Id { get; internal set; }

    /// <summary>flow_id: the flow that it is a run of.</summary>
    public Guid FlowId { get; internal set; }

    /// <summary>crewai_flows.flow_key; null where row level security hides the flow.</summary>
    public string? FlowKey { get; internal set; }

    /// <summary>crewai_flows.flow_name; null where row level security hides the flow.</summary>
    public string? FlowName { get; internal set; }

    /// <summary>execution_key: unique, at most 100 characters.</summary>
    public string ExecutionKey { get; internal set; } = "";

    /// <summary>status; null where the column is.</summary>
    public ExecutionStatus? Status { get; internal set; }

    /// <summary>input_state as an object; null where the column is.</summary>
    public object? InputState => _inputState.Value;

    /// <summary>output_state as an object; null where the column is.</summary>
    public object? OutputState => _outputState.Value;

    /// <summary>error_message; null where the column is.</summary>
    public string? ErrorMessage { get; internal set; }

    /// <summary>error_stack; null where the column is.</summary>
    public string? ErrorStack { get; internal set; }

    /// <summary>error_type, at most 100 characters; null where the column is.</summary>
    public string? ErrorType { get; internal set; }

    /// <summary>started_at, UTC: when it began, or for a pending one when it was queued; null where the column is.</summary>
    public DateTimeOffset? StartedAt { get; internal set; }

    /// <summary>completed_at, UTC; null until it ends.</summary>
    public DateTimeOffset? CompletedAt { get; internal set; }

    /// <summary>duration_ms: from started_at to completed_at in milliseconds; null until it ends, and for a run too long for the column (about 24.8 days).</summary>
    public int? DurationMs { get; internal set; }

    /// <summary>token_count; null where the column is.</summary>
    public int? TokenCount { get; internal set; }

    /// <summary>cost_usd, US dollars with four decimals; null where the column is.</summary>
    public decimal? CostUsd { get; internal set; }

    /// <summary>board_meeting_id: the meeting that it belongs to; null where the column is.</summary>
    public Guid? BoardMeetingId { get; internal set; }

    /// <summary>executed_by: the user who ran it; null where the column is.</summary>
    public Guid? ExecutedBy { get; internal set; }

    /// <summary>execution_mode; null where the column is.</summary>
    public ExecutionMode? ExecutionMode { get; internal set; }

    /// <summary>metadata as an object; null where the column is.</summary>
    public object? Metadata => _metadata.Value;

    /// <summary>
    /// venture_id: the venture that the run is governed by; null where the column is, where the table lacks it, and where it holds no GUID.
    /// Like the other columns of governance it is one of the <see cref="AdditionalColumns"/>, too.
    /// </summary>
    public Guid? VentureId => Governance.Id(Additional(Governance.VentureId));

    /// <summary>prd_id: the product requirements document; null like <see cref="VentureId"/>.</summary>
    public Guid? PrdId => Governance.Id(Additional(Governance.PrdId));

    /// <summary>sd_id: the strategic directive, as the run names it; null where the column is, and where the table lacks it.</summary>
    public string? SdId => Additional(Governance.SdId)?.ToString();

    /// <summary>budget_consumed: units of the budget, such as tokens; null where the column is, where the table lacks it, and where it holds no integer.</summary>
    public int? BudgetConsumed => Governance.Integer(Additional(Governance.BudgetConsumed));

    /// <summary>budget_limit: the units that the run may consume; null like <see cref="BudgetConsumed"/>, which is no limit.</summary>
    public int? BudgetLimit => Governance.Integer(Additional(Governance.BudgetLimit));

    /// <summary>killed_by_budget: true where the run was ended because it consumed more than its limit; null where the column is, and where the table lacks it.</summary>
    public bool? KilledByBudget => Additional(Governance.KilledByBudget) as bool?;

    /// <summary>Columns of the table that the contract does not list, by their names; empty for most databases.</summary>
    public object AdditionalColumns => _additionalColumns.ValueOrEmpty;

    /// <summary>The row's xmin when it was read, by which a change knows whether it is still the same; null where the relation has none.</summary>
    public uint? RowVersion { get; internal set; }

    /// <summary>True where the call that gave this object also made the run; false for one that was there before.</summary>
    public bool IsNew { get; internal set; }

    /// <summary>By what it was told that the process which owned this run is gone; null where that was not asked for.</summary>
    public OwnershipEvidence? OrphanEvidence { get; internal set; }

    /// <summary>Raw text of the JSON columns, by property name; null for SQL NULL.</summary>
    internal string? RawInputState { get => _inputState.Raw; set => _inputState = new(value); }

    internal string? RawOutputState { get => _outputState.Raw; set => _outputState = new(value); }

    internal string? RawMetadata { get => _metadata.Raw; set => _metadata = new(value); }

    internal string? RawAdditionalColumns { get => _additionalColumns.Raw; set => _additionalColumns = new(value); }

    /// <summary>True where the table has a column of this name that the contract does not list.</summary>
    internal bool HasAdditional(string column) => _additionalColumns.Value is JsonMap map && map.Contains(column);

    private object? Additional(string column) => _additionalColumns.Value is JsonMap map ? map[column] : null;

    /// <summary>The table has no such column.</summary>
    DateTimeOffset? IStatusRow<ExecutionStatus>.GetUpdatedAt() => null;

    string IStatusRow<ExecutionStatus>.GetLabel() => $"{Id} ({ExecutionKey})";

    object IOrderedRow<ExecutionOrder>.GetKey() => Id;

    object? IOrderedRow<ExecutionOrder>.KeyOf(ExecutionOrder order) => order switch
    {
        ExecutionOrder.Id => Id,
        ExecutionOrder.StartedAt => StartedAt,
        ExecutionOrder.CompletedAt => CompletedAt,
        ExecutionOrder.ExecutionKey => ExecutionKey,
        ExecutionOrder.DurationMs => DurationMs,
        ExecutionOrder.TokenCount => TokenCount,
        ExecutionOrder.CostUsd => CostUsd,
        ExecutionOrder.Status => Status is { } status ? StatusNames<ExecutionStatus>.ToColumn(status) : null,
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };

    /// <summary>What a change started from this object has to find unchanged.</summary>
    internal RowGuard Guard => new(RowVersion, Status is { } status ? StatusNames<ExecutionStatus>.ToColumn(status) : null, null);

    /// <summary>Execution key, short id and status.</summary>
    public override string ToString() => $"{ExecutionKey} {Id.ToString()[..8]} {Status}";

    /// <summary>This run with an earlier status, as a change that others have followed left it; its version is one that no row has, so that no guard lets it through.</summary>
    internal FlowExecution Superseded(ExecutionStatus status)
    {
        var superseded = (FlowExecution)MemberwiseClone();
        superseded.Status = status;
        superseded.RowVersion = 0;
        return superseded;
    }

    /// <summary>This run after a change that wrote these columns and no other; it was not made by that call.</summary>
    internal FlowExecution Ended(ExecutionStatus status, DateTimeOffset? completedAt, int? durationMs, uint? rowVersion)
    {
        var ended = (FlowExecution)MemberwiseClone();
        ended.Status = status;
        ended.CompletedAt = completedAt;
        ended.DurationMs = durationMs;
        ended.RowVersion = rowVersion;
        ended.IsNew = false;
        return ended;
    }
}
