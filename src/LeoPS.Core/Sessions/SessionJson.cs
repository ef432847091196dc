namespace LeoPS.Sessions;

/// <summary>An implementation session as one line of JSON, lossless; see <see cref="JsonLine"/>.</summary>
public static class SessionJson
{
    /// <summary>The line, without its end.</summary>
    public static string Line(ImplementationSession row) => new JsonLine()
        .Text(nameof(row.Id), row.Id.ToString())
        .Text(nameof(row.SdId), row.SdId)
        .Text(nameof(row.SdKey), row.SdKey)
        .Text(nameof(row.SdTitle), row.SdTitle)
        .Text(nameof(row.Status), row.Status?.ToString())
        .Text(nameof(row.ImplementationType), row.ImplementationType?.ToString())
        .Time(nameof(row.StartedAt), row.StartedAt)
        .Time(nameof(row.CompletedAt), row.CompletedAt)
        .Time(nameof(row.CreatedAt), row.CreatedAt)
        .Time(nameof(row.UpdatedAt), row.UpdatedAt)
        .Number(nameof(row.RowVersion), row.RowVersion)
        .Raw(nameof(row.AdditionalColumns), row.RawAdditionalColumns)
        .ToString();
}
