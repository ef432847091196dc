namespace LeoPS.Flows;

/// <summary>The columns of a flow that people write beside its key.</summary>
[Flags]
public enum FlowFields
{
    /// <summary>No column.</summary>
    None = 0,

    /// <summary>flow_name.</summary>
    FlowName = 1,

    /// <summary>description.</summary>
    Description = 2,

    /// <summary>flow_definition.</summary>
    FlowDefinition = 4,

    /// <summary>status.</summary>
    Status = 8,

    /// <summary>version.</summary>
    Version = 16,

    /// <summary>tags.</summary>
    Tags = 32,

    /// <summary>metadata.</summary>
    Metadata = 64,

    /// <summary>created_by.</summary>
    CreatedBy = 128,
}
