using LeoPS.Reading;

namespace LeoPS;

/// <summary>
/// One row of strategic_directives_v2, a unit of planned work, as it was when it was read: one property per column, named after it.
/// Comes from the database only. A column that a database does not have reads as null.
/// </summary>
public sealed class StrategicDirective : IOrderedRow<DirectiveOrder>
{
    private JsonColumn _additionalColumns;

    internal StrategicDirective()
    {
    }

    /// <summary>id, at most 50 characters: a key such as SD-UAT-001, or a UUID as text.</summary>
    public string Id { get; internal set; } = "";

    /// <summary>id, under the name by which sessions and handoffs refer to it.</summary>
    public string SdId => Id;

    /// <summary>sd_key: the key that people use, unique; null where the column is.</summary>
    public string? SdKey { get; internal set; }

    /// <summary>title, at most 500 characters; null where the column is.</summary>
    public string? Title { get; internal set; }

    /// <summary>status, at most 50 characters; null where the column is.</summary>
    public string? Status { get; internal set; }

    /// <summary>category, at most 50 characters; null where the column is.</summary>
    public string? Category { get; internal set; }

    /// <summary>priority, at most 20 characters; null where the column is.</summary>
    public string? Priority { get; internal set; }

    /// <summary>description; null where the column is.</summary>
    public string? Description { get; internal set; }

    /// <summary>rationale; null where the column is.</summary>
    public string? Rationale { get; internal set; }

    /// <summary>scope; null where the column is.</summary>
    public string? Scope { get; internal set; }

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

    object IOrderedRow<DirectiveOrder>.GetKey() => Id;

    object? IOrderedRow<DirectiveOrder>.KeyOf(DirectiveOrder order) => order switch
    {
        DirectiveOrder.Id => Id,
        DirectiveOrder.SdKey => SdKey,
        DirectiveOrder.Title => Title,
        DirectiveOrder.Status => Status,
        DirectiveOrder.Category => Category,
        DirectiveOrder.Priority => Priority,
        DirectiveOrder.CreatedAt => CreatedAt,
        DirectiveOrder.UpdatedAt => UpdatedAt,
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };

    /// <summary>The key.</summary>
    public override string ToString() => SdKey ?? Id;
}
