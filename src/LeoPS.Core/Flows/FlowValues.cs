using LeoPS.Text;

namespace LeoPS.Flows;

/// <summary>The columns of a flow that a user writes, and which of them. A given null writes NULL; what is not given is left to the row or to the column's default.</summary>
public sealed record FlowValues
{
    /// <summary>The characters that flow_name holds.</summary>
    public const int MaxNameLength = 200;

    /// <summary>The columns that are written.</summary>
    public FlowFields Given { get; init; }

    /// <summary>flow_name.</summary>
    public string? FlowName { get; init; }

    /// <summary>description.</summary>
    public string? Description { get; init; }

    /// <summary>JSON text for flow_definition.</summary>
    public string? FlowDefinition { get; init; }

    /// <summary>status.</summary>
    public FlowStatus? Status { get; init; }

    /// <summary>version.</summary>
    public int? Version { get; init; }

    /// <summary>tags; elements may be null.</summary>
    public IReadOnlyList<string?>? Tags { get; init; }

    /// <summary>JSON text for metadata.</summary>
    public string? Metadata { get; init; }

    /// <summary>created_by.</summary>
    public Guid? CreatedBy { get; init; }

    /// <summary>The columns that have a value here.</summary>
    public FlowFields NotNull =>
        (FlowName is null ? FlowFields.None : FlowFields.FlowName)
        | (Description is null ? FlowFields.None : FlowFields.Description)
        | (FlowDefinition is null ? FlowFields.None : FlowFields.FlowDefinition)
        | (Status is null ? FlowFields.None : FlowFields.Status)
        | (Version is null ? FlowFields.None : FlowFields.Version)
        | (Tags is null ? FlowFields.None : FlowFields.Tags)
        | (Metadata is null ? FlowFields.None : FlowFields.Metadata)
        | (CreatedBy is null ? FlowFields.None : FlowFields.CreatedBy);

    /// <summary>True where this column is written.</summary>
    public bool Writes(FlowFields field) => (Given & field) != FlowFields.None;

    /// <summary>Fails where a column cannot hold its value.</summary>
    /// <returns>These values.</returns>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public FlowValues Check()
    {
        if (Writes(FlowFields.FlowName))
        {
            StoredText.Require("-FlowName", FlowName, MaxNameLength);
        }

        if (Writes(FlowFields.FlowDefinition) && FlowDefinition is null)
        {
            throw new LeoException(LeoErrorId.ValueOutOfRange, "-FlowDefinition is null, and a flow needs a definition. Give an object or JSON text; '{}' is an empty one.");
        }

        StoredText.RequireStorable("-Description", Description);
        foreach (string? tag in Tags ?? [])
        {
            StoredText.RequireStorable("-Tag", tag);
        }

        return this;
    }

    /// <summary>Fails where no column is written.</summary>
    /// <param name="hasAdditional">True where additional columns are.</param>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public void RequireAny(bool hasAdditional)
    {
        if (Given == FlowFields.None && !hasAdditional)
        {
            throw new LeoException(
                LeoErrorId.ValueOutOfRange,
                "Nothing to change was given. Name at least one of -FlowName, -Description, -FlowDefinition, -Status, -Version, -Tag, -Metadata and -AdditionalColumns.");
        }
    }
}
