namespace LeoPS;

/// <summary>Columns by which implementation sessions can be ordered; ties are broken by id, nulls come last.</summary>
public enum SessionOrder
{
    /// <summary>id.</summary>
    Id,

    /// <summary>started_at.</summary>
    StartedAt,

    /// <summary>completed_at.</summary>
    CompletedAt,

    /// <summary>created_at.</summary>
    CreatedAt,

    /// <summary>updated_at.</summary>
    UpdatedAt,

    /// <summary>sd_id.</summary>
    SdId,

    /// <summary>status, by its text.</summary>
    Status,

    /// <summary>implementation_type, by its text.</summary>
    ImplementationType,
}
