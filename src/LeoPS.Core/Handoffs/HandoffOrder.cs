namespace LeoPS;

/// <summary>Columns by which handoffs can be ordered; ties are broken by id, nulls come last.</summary>
public enum HandoffOrder
{
    /// <summary>id.</summary>
    Id,

    /// <summary>prepared_at.</summary>
    PreparedAt,

    /// <summary>sent_at.</summary>
    SentAt,

    /// <summary>response_at.</summary>
    ResponseAt,

    /// <summary>created_at.</summary>
    CreatedAt,

    /// <summary>updated_at.</summary>
    UpdatedAt,

    /// <summary>sd_id.</summary>
    SdId,

    /// <summary>handoff_status, by its text.</summary>
    Status,
}
