using LeoPS.Reading;

namespace LeoPS;

/// <summary>
/// One row of crewai_flows, a stored workflow, as it was when it was read: one property per column, named after it.
/// Comes from the database only; JSON columns are parsed when first asked for.
/// </summary>
public sealed class Flow : IOrderedRow<FlowOrder>
{
    private JsonColumn _flowDefinition;
    private JsonColumn _metadata;
    private JsonColumn _additionalColumns;

    internal Flow()
    {
    }

    /// <summary>id.</summary>
    public Guid Id { get; internal set; }

    /// <summary>id, under the name by which executions refer to it.</summary>
    public Guid FlowId => Id;

    /// <summary>flow_key: unique, at most 100 characters.</summary>
    public string FlowKey { get; internal set; } = "";

    /// <summary>flow_name, at most 200 characters.</summary>
    public string FlowName { get; internal set; } = "";

    /// <summary>description; null where the column is.</summary>
    public string? Description { get; internal set; }

    /// <summary>flow_definition as an object; null for the JSON null.</summary>
    public object? FlowDefinition => _flowDefinition.Value;

    /// <summary>status; null where the column is.</summary>
    public FlowStatus? Status { get; internal set; }

    /// <summary>version; null where the column is.</summary>
    public int? Version { get; internal set; }

    /// <summary>created_by: the user who made it; null where the column is.</summary>
    public Guid? CreatedBy { get; internal set; }

    /// <summary>tags; null where the column is. Elements may be null.</summary>
    public TextArray? Tags { get; internal set; }

    /// <summary>metadata as an object; null where the column is.</summary>
    public object? Metadata => _metadata.Value;

    /// <summary>execution_count: runs that were inserted by users who may change the flow; null where the column is.</summary>
    public int? ExecutionCount { get; internal set; }

    /// <summary>last_executed_at, UTC; null where the column is.</summary>
    public DateTimeOffset? LastExecutedAt { get; internal set; }

    /// <summary>created_at, UTC; null where the column is.</summary>
    public DateTimeOffset? CreatedAt { get; internal set; }

    /// <summary>updated_at, UTC; null where the column is.</summary>
    public DateTimeOffset? UpdatedAt { get; internal set; }

    /// <summary>Columns of the table that LeoPS does not know, by their names; empty for most databases.</summary>
    public object AdditionalColumns => _additionalColumns.ValueOrEmpty;

    /// <summary>The row's xmin when it was read, by which an edit knows whether it is still the same; null where the relation has none.</summary>
    public uint? RowVersion { get; internal set; }

    /// <summary>
    /// SHA-256 of the row without execution_count and last_executed_at, in hex: an edit knows by it whether what people wrote is still the
    /// same, however many runs were counted meanwhile. Computed by the server.
    /// </summary>
    public string? ContentHash { get; internal set; }

    /// <summary>Raw text of the JSON columns, by property name; null for SQL NULL.</summary>
    internal string? RawFlowDefinition { get => _flowDefinition.Raw; set => _flowDefinition = new(value); }

    internal string? RawMetadata { get => _metadata.Raw; set => _metadata = new(value); }

    internal string? RawAdditionalColumns { get => _additionalColumns.Raw; set => _additionalColumns = new(value); }

    object IOrderedRow<FlowOrder>.GetKey() => Id;

    object? IOrderedRow<FlowOrder>.KeyOf(FlowOrder order) => order switch
    {
        FlowOrder.Id => Id,
        FlowOrder.FlowKey => FlowKey,
        FlowOrder.LastExecutedAt => LastExecutedAt,
        FlowOrder.ExecutionCount => ExecutionCount,
        FlowOrder.CreatedAt => CreatedAt,
        FlowOrder.UpdatedAt => UpdatedAt,
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };

    /// <summary>The flow key.</summary>
    public override string ToString() => FlowKey;
}
