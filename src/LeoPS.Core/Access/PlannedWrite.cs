using System.Text.Json;
using LeoPS.Changes;

namespace LeoPS.Access;

/// <summary>A write that a rehearsal is about to announce, as far as its values are known before the server makes the others.</summary>
/// <param name="Noun">What a row of the table is called in messages.</param>
/// <param name="Command">What is done to the rows.</param>
/// <param name="Values">The known values, by column: JSON that makes the column's value, "null" for NULL.</param>
public sealed record PlannedWrite(string Noun, TableCommand Command, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>Further columns, of which the live table says which are written.</summary>
    public AdditionalColumns Additional { get; init; } = AdditionalColumns.None;

    /// <summary>
    /// Columns that an insert gives beside <see cref="Values"/>, those of the contract not counted; null where it is not known which.
    /// </summary>
    public IReadOnlyList<string>? AlsoGiven { get; init; }

    /// <summary>True where no row would be written as things are: then the rights count, and neither policies nor values.</summary>
    public bool MeetsNoRow { get; init; }

    /// <summary>A write of texts.</summary>
    public static PlannedWrite Of(string noun, TableCommand command, params (string Column, string? Text)[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(noun, command, values.ToDictionary(v => v.Column, v => Text(v.Text), StringComparer.Ordinal));
    }

    /// <summary>An edit: each value under every name that its column may have, and the members of its additional columns.</summary>
    public static PlannedWrite Of(string noun, RowValues edit)
    {
        ArgumentNullException.ThrowIfNull(edit);
        var values = edit.Given.SelectMany(g => g.Column.Names.Select(name => (name, g.Value))).ToDictionary(v => v.name, v => Text(v.Value), StringComparer.Ordinal);
        return new PlannedWrite(noun, TableCommand.Update, values).With(edit.AdditionalColumns);
    }

    /// <summary>The values as one JSON object.</summary>
    public string Document => $"{{{string.Join(',', Values.Select(v => $"{JsonText.EscapeString(v.Key)}:{v.Value}"))}}}";

    /// <summary>This write, with the members of a JSON object as further values; what is no object adds nothing.</summary>
    public PlannedWrite With(string? json)
    {
        if (json is null)
        {
            return this;
        }

        var values = new Dictionary<string, string>(Values, StringComparer.Ordinal);
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = JsonValue.MaxDepth + 1 });
        foreach (JsonProperty member in document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.EnumerateObject() : default)
        {
            values[member.Name] = member.Value.GetRawText();
        }

        return this with { Values = values };
    }

    /// <summary>
    /// This write, with further values as JSON texts; without one it is NULL. The value null of JSON is left to the server: among these values it
    /// would be NULL.
    /// </summary>
    public PlannedWrite WithJson(IEnumerable<(string Column, string? Json)> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var all = new Dictionary<string, string>(Values, StringComparer.Ordinal);
        foreach ((string column, string? json) in values.Where(v => v.Json?.Trim() != "null"))
        {
            all[column] = json ?? "null";
        }

        return this with { Values = all };
    }

    /// <summary>An array of texts as JSON.</summary>
    public static string? ArrayOf(IEnumerable<string?>? items) => items is null ? null : $"[{string.Join(',', items.Select(Text))}]";

    private static string Text(string? text) => text is null ? "null" : JsonText.EscapeString(text);
}
