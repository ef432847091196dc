namespace LeoPS.Access;

/// <summary>A write that a rehearsal is about to announce, as far as its values are known before the server makes the others.</summary>
/// <param name="Noun">What a row of the table is called in messages.</param>
/// <param name="Command">What is done to the rows.</param>
/// <param name="Values">The known values, by column: JSON that makes the column's value, "null" for NULL.</param>
public sealed record PlannedWrite(string Noun, TableCommand Command, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>A write of texts.</summary>
    public static PlannedWrite Of(string noun, TableCommand command, params (string Column, string? Text)[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(noun, command, values.ToDictionary(v => v.Column, v => v.Text is null ? "null" : JsonText.EscapeString(v.Text), StringComparer.Ordinal));
    }

    /// <summary>The values as one JSON object.</summary>
    public string Document => $"{{{string.Join(',', Values.Select(v => $"{JsonText.EscapeString(v.Key)}:{v.Value}"))}}}";
}
