namespace LeoPS.Flows;

/// <summary>A flow as one line of JSON, lossless; see <see cref="JsonLine"/>.</summary>
public static class FlowJson
{
    /// <summary>The line, without its end.</summary>
    public static string Line(Flow row) => new JsonLine()
        .Text(nameof(row.Id), row.Id.ToString())
        .Text(nameof(row.FlowKey), row.FlowKey)
        .Text(nameof(row.FlowName), row.FlowName)
        .Text(nameof(row.Description), row.Description)
        .Raw(nameof(row.FlowDefinition), row.RawFlowDefinition)
        .Text(nameof(row.Status), row.Status?.ToString())
        .Number(nameof(row.Version), row.Version)
        .Text(nameof(row.CreatedBy), row.CreatedBy?.ToString())
        .Raw(nameof(row.Tags), row.Tags?.ToString())
        .Raw(nameof(row.Metadata), row.RawMetadata)
        .Number(nameof(row.ExecutionCount), row.ExecutionCount)
        .Time(nameof(row.LastExecutedAt), row.LastExecutedAt)
        .Time(nameof(row.CreatedAt), row.CreatedAt)
        .Time(nameof(row.UpdatedAt), row.UpdatedAt)
        .Number(nameof(row.RowVersion), row.RowVersion)
        .Text(nameof(row.ContentHash), row.ContentHash)
        .Raw(nameof(row.AdditionalColumns), row.RawAdditionalColumns)
        .ToString();
}
