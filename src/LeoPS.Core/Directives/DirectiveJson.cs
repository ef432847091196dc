namespace LeoPS.Directives;

/// <summary>A strategic directive as one line of JSON, lossless; see <see cref="JsonLine"/>.</summary>
public static class DirectiveJson
{
    /// <summary>The line, without its end.</summary>
    public static string Line(StrategicDirective row) => new JsonLine()
        .Text(nameof(row.Id), row.Id)
        // By this name another cmdlet knows that the id is a directive's.
        .Text(nameof(row.SdId), row.SdId)
        .Text(nameof(row.SdKey), row.SdKey)
        .Text(nameof(row.Title), row.Title)
        .Text(nameof(row.Status), row.Status)
        .Text(nameof(row.Category), row.Category)
        .Text(nameof(row.Priority), row.Priority)
        .Text(nameof(row.Description), row.Description)
        .Text(nameof(row.Rationale), row.Rationale)
        .Text(nameof(row.Scope), row.Scope)
        .Time(nameof(row.CreatedAt), row.CreatedAt)
        .Time(nameof(row.UpdatedAt), row.UpdatedAt)
        .Number(nameof(row.RowVersion), row.RowVersion)
        .Raw(nameof(row.AdditionalColumns), row.RawAdditionalColumns)
        .ToString();
}
