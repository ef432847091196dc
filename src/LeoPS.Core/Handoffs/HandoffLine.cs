using System.Text.Json;
using LeoPS.Changes;

namespace LeoPS.Handoffs;

/// <summary>Reads a line that <see cref="HandoffJson"/> wrote, and gets back what the row had: nothing of it is looked at more closely than JSON asks for.</summary>
public static class HandoffLine
{
    /// <summary>Reads one line.</summary>
    /// <param name="line">The line; it is also the source of the draft.</param>
    /// <exception cref="LeoException">InvalidJson where it is no JSON object; InvalidIdentity where it has no id; ValueOutOfRange where it has what no handoff has, or lacks what each has.</exception>
    public static HandoffDraft Parse(string line) => JsonLineReader.Read(line, "Get-HandoffPreparation -AsJson", row => Read(row, line));

    private static HandoffDraft Read(JsonElement row, string line)
    {
        var values = new HandoffValues();
        foreach (ContentColumn column in ContentColumn.All)
        {
            // What is absent is NULL, and not the column's default.
            values[column] = null;
        }

        var beside = new JsonLineReader(HandoffTransitions.Table.Noun);
        foreach (JsonProperty property in row.EnumerateObject())
        {
            if (ContentColumn.Find(property.Name) is { } column && column.Property == property.Name)
            {
                values[column] = Value(beside, column, property.Value);
            }
            else if (HandoffNames.IsBeside(property.Name))
            {
                beside.Add(property);
            }
            else
            {
                throw HandoffNames.Unknown("The line's key", property.Name);
            }
        }

        Guid id = beside.Required(nameof(HandoffPreparation.Id), beside.Id, LeoErrorId.InvalidIdentity);
        if (values[ContentColumn.ImplementationSummary] is null)
        {
            throw beside.Missing(nameof(HandoffPreparation.ImplementationSummary));
        }

        return new HandoffDraft
        {
            Id = id,
            SessionId = beside.Required(nameof(HandoffPreparation.SessionId), beside.Id),
            Sd = beside.Required(nameof(HandoffPreparation.SdId), beside.Text),
            Values = values,
            AdditionalColumns = Additional(beside),
            State = new RestoredState(
                beside.Required(nameof(HandoffPreparation.HandoffStatus), beside.Name<HandoffStatus>),
                beside.Time(nameof(HandoffPreparation.PreparedAt)),
                beside.Time(nameof(HandoffPreparation.SentAt)),
                beside.Time(nameof(HandoffPreparation.ResponseAt)),
                beside.Time(nameof(HandoffPreparation.CreatedAt)),
                beside.Time(nameof(HandoffPreparation.UpdatedAt))),
            Source = line,
        };
    }

    private static AdditionalColumns Additional(JsonLineReader beside) =>
        beside.Raw(nameof(HandoffPreparation.AdditionalColumns)) is { } raw and not "null" ? new AdditionalColumns { OfRow = raw } : AdditionalColumns.None;

    private static object? Value(JsonLineReader reader, ContentColumn column, JsonElement value) => column.Kind switch
    {
        ContentKind.Json => value.GetRawText(),
        _ when value.ValueKind == JsonValueKind.Null => null,
        ContentKind.TextArray => Items(reader, column.Property, value),
        _ => reader.Text(column.Property, value),
    };

    private static string?[] Items(JsonLineReader reader, string name, JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? null : reader.Text(name, item))]
        : throw reader.Refused(name, "a JSON array of texts");
}
