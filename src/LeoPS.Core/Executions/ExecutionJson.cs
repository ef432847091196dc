namespace LeoPS.Executions;

/// <summary>An execution as one line of JSON, lossless; see <see cref="JsonLine"/>.</summary>
public static class ExecutionJson
{
    /// <summary>The line, without its end.</summary>
    public static string Line(FlowExecution row) => new JsonLine()
        .Text(nameof(row.Id), row.Id.ToString())
        .Text(nameof(row.FlowId), row.FlowId.ToString())
        .Text(nameof(row.FlowKey), row.FlowKey)
        .Text(nameof(row.FlowName), row.FlowName)
        .Text(nameof(row.ExecutionKey), row.ExecutionKey)
        .Text(nameof(row.Status), row.Status?.ToString())
        .Raw(nameof(row.InputState), row.RawInputState)
        .Raw(nameof(row.OutputState), row.RawOutputState)
        .Text(nameof(row.ErrorMessage), row.ErrorMessage)
        .Text(nameof(row.ErrorStack), row.ErrorStack)
        .Text(nameof(row.ErrorType), row.ErrorType)
        .Time(nameof(row.StartedAt), row.StartedAt)
        .Time(nameof(row.CompletedAt), row.CompletedAt)
        .Number(nameof(row.DurationMs), row.DurationMs)
        .Number(nameof(row.TokenCount), row.TokenCount)
        .Number(nameof(row.CostUsd), row.CostUsd)
        .Text(nameof(row.BoardMeetingId), row.BoardMeetingId?.ToString())
        .Text(nameof(row.ExecutedBy), row.ExecutedBy?.ToString())
        .Text(nameof(row.ExecutionMode), row.ExecutionMode?.ToString())
        .Raw(nameof(row.Metadata), row.RawMetadata)
        .Number(nameof(row.RowVersion), row.RowVersion)
        .Raw(nameof(row.AdditionalColumns), row.RawAdditionalColumns)
        .ToString();
}
