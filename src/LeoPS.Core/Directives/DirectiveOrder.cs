namespace LeoPS;

/// <summary>Columns by which strategic directives can be ordered, all but the times by their text; ties are broken by id, nulls come last.</summary>
public enum DirectiveOrder
{
    /// <summary>id.</summary>
    Id,

    /// <summary>sd_key.</summary>
    SdKey,

    /// <summary>title.</summary>
    Title,

    /// <summary>status.</summary>
    Status,

    /// <summary>category.</summary>
    Category,

    /// <summary>priority.</summary>
    Priority,

    /// <summary>created_at.</summary>
    CreatedAt,

    /// <summary>updated_at.</summary>
    UpdatedAt,
}
