using LeoPS.Reading;
using LeoPS.Statuses;

namespace LeoPS;

/// <summary>
/// One row of exec_implementation_sessions, EXEC's work on one strategic directive, as it was when it was read: one property per column, named
/// after it. Comes from the database only. A column that a database does not have reads as null.
/// </summary>
public sealed class ImplementationSession : IStatusRow<SessionStatus>, IOrderedRow<SessionOrder>
{
    private JsonColumn _additionalColumns;

    internal ImplementationSession()
    {
    }

    /// <summary>id.</summary>
    public Guid Id { get; internal set; }

    /// <summary>id, under the name by which handoffs refer to it.</summary>
    public Guid SessionId => Id;

    /// <summary>sd_id: the strategic directive's id.</summary>
    public string SdId { get; internal set; } = "";

    /// <summary>strategic_directives_v2.sd_key; null where row level security hides the directive.</summary>
    public string? SdKey { get; internal set; }

    /// <summary>strategic_directives_v2.title; null where row level security hides the directive.</summary>
    public string? SdTitle { get; internal set; }

    /// <summary>status; null where the column is.</summary>
    public SessionStatus? Status { get; internal set; }

    /// <summary>implementation_type; null where the column is.</summary>
    public ImplementationType? ImplementationType { get; internal set; }

    /// <summary>started_at, UTC; null where the column is.</summary>
    public DateTimeOffset? StartedAt { get; internal set; }

    /// <summary>completed_at, UTC; null until it ends.</summary>
    public DateTimeOffset? CompletedAt { get; internal set; }

    /// <summary>created_at, UTC; null where the column is.</summary>
    public DateTimeOffset? CreatedAt { get; internal set; }

    /// <summary>updated_at, UTC; null where the column is.</summary>
    public DateTimeOffset? UpdatedAt { get; internal set; }

    /// <summary>Columns of the table that LeoPS does not know, by their names.</summary>
    public object AdditionalColumns => _additionalColumns.ValueOrEmpty;

    /// <summary>The row's xmin when it was read; null where the relation has none.</summary>
    public uint? RowVersion { get; internal set; }

    /// <summary>Raw text of the columns that LeoPS does not know; null where there are none.</summary>
    internal string? RawAdditionalColumns { get => _additionalColumns.Raw; set => _additionalColumns = new(value); }

    DateTimeOffset? IStatusRow<SessionStatus>.GetUpdatedAt() => UpdatedAt;

    string IStatusRow<SessionStatus>.GetLabel() => $"{Id} ({SdKey ?? SdId})";

    object IOrderedRow<SessionOrder>.GetKey() => Id;

    object? IOrderedRow<SessionOrder>.KeyOf(SessionOrder order) => order switch
    {
        SessionOrder.Id => Id,
        SessionOrder.StartedAt => StartedAt,
        SessionOrder.CompletedAt => CompletedAt,
        SessionOrder.CreatedAt => CreatedAt,
        SessionOrder.UpdatedAt => UpdatedAt,
        SessionOrder.SdId => SdId,
        SessionOrder.Status => Status is { } status ? StatusNames<SessionStatus>.ToColumn(status) : null,
        SessionOrder.ImplementationType => ImplementationType is { } type ? StatusNames<ImplementationType>.ToColumn(type) : null,
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };

    /// <summary>SD key, short id and status.</summary>
    public override string ToString() => $"{SdKey ?? SdId} {Id.ToString()[..8]} {Status}";
}
