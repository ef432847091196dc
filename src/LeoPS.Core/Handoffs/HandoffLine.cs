using System.Globalization;
using System.Text.Json;
using LeoPS.Changes;
using LeoPS.Statuses;
using LeoPS.Text;

namespace LeoPS.Handoffs;

/// <summary>Reads a line that <see cref="HandoffJson"/> wrote, and gets back what the row had: nothing of it is looked at more closely than JSON asks for.</summary>
public static class HandoffLine
{
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.FFFFFFFK";

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = JsonValue.MaxDepth + 1 };

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line; it is also the source of the draft.</param>
    /// <exception cref="LeoException">InvalidJson where it is no JSON object; InvalidIdentity where it has no id; ValueOutOfRange where it has what no handoff has, or lacks what each has.</exception>
    public static HandoffDraft Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (JsonText.IndexOfHalf(line) >= 0)
        {
            throw JsonErrors.Fault("The line", "holds half of a surrogate pair, which is no character: it was cut or changed.");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line, _options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement, line)
                : throw JsonErrors.Fault("The line", "is no JSON object. Give lines as Get-HandoffPreparation -AsJson writes them.");
        }
        catch (JsonException wrong)
        {
            string hint = line.Contains('\n', StringComparison.Ordinal) ? " Give one line at a time (Get-Content without -Raw)." : "";
            throw JsonErrors.Fault("The line", JsonScan.NotJson(wrong) + hint);
        }
    }

    private static HandoffDraft Read(JsonElement row, string line)
    {
        var values = new HandoffValues();
        foreach (ContentColumn column in ContentColumn.All)
        {
            // What is absent is NULL, and not the column's default.
            values[column] = null;
        }

        var beside = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonProperty property in row.EnumerateObject())
        {
            if (ContentColumn.Find(property.Name) is { } column && column.Property == property.Name)
            {
                values[column] = Value(column, property.Value);
            }
            else if (HandoffNames.IsBeside(property.Name))
            {
                beside[property.Name] = property.Value;
            }
            else
            {
                throw HandoffNames.Unknown("The line's key", property.Name);
            }
        }

        Guid id = Required(beside, nameof(HandoffPreparation.Id), LeoErrorId.InvalidIdentity, Guid);
        if (values[ContentColumn.ImplementationSummary] is null)
        {
            throw Missing(nameof(HandoffPreparation.ImplementationSummary));
        }

        return new HandoffDraft
        {
            Id = id,
            SessionId = Required(beside, nameof(HandoffPreparation.SessionId), LeoErrorId.ValueOutOfRange, Guid),
            Sd = Required(beside, nameof(HandoffPreparation.SdId), LeoErrorId.ValueOutOfRange, Text),
            Values = values,
            AdditionalColumns = Additional(beside),
            State = new RestoredState(
                Required(beside, nameof(HandoffPreparation.HandoffStatus), LeoErrorId.ValueOutOfRange, Status),
                Time(beside, nameof(HandoffPreparation.PreparedAt)),
                Time(beside, nameof(HandoffPreparation.SentAt)),
                Time(beside, nameof(HandoffPreparation.ResponseAt)),
                Time(beside, nameof(HandoffPreparation.CreatedAt)),
                Time(beside, nameof(HandoffPreparation.UpdatedAt))),
            Source = line,
        };
    }

    private static AdditionalColumns Additional(Dictionary<string, JsonElement> beside) =>
        beside.TryGetValue(nameof(HandoffPreparation.AdditionalColumns), out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? new AdditionalColumns { OfRow = value.GetRawText() }
            : AdditionalColumns.None;

    private static object? Value(ContentColumn column, JsonElement value) => column.Kind switch
    {
        ContentKind.Json => value.GetRawText(),
        _ when value.ValueKind == JsonValueKind.Null => null,
        ContentKind.TextArray => Items(column.Property, value),
        _ => Text(column.Property, value),
    };

    private static string?[] Items(string name, JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? null : Text(name, item))]
        : throw Refused(name, "a JSON array of texts");

    private static string Text(string name, JsonElement value)
    {
        try
        {
            string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Refused(name, "a text");
            ColumnText.RequireHoldable(name, text);
            return text;
        }
        catch (InvalidOperationException)
        {
            // An escape that is half of a surrogate pair.
            throw Refused(name, "a text of whole characters");
        }
    }

    private static Guid Guid(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.TryGetGuid(out Guid id) && id != System.Guid.Empty ? id : throw Refused(name, "a GUID");

    private static HandoffStatus Status(string name, JsonElement value) =>
        StatusNames<HandoffStatus>.TryParse(Text(name, value), out HandoffStatus status) ? status : throw Refused(name, $"one of {StatusNames<HandoffStatus>.List}");

    private static DateTimeOffset? Time(Dictionary<string, JsonElement> beside, string name)
    {
        if (!beside.TryGetValue(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParseExact(Text(name, value), TimeFormat, CultureInfo.InvariantCulture, Utc, out DateTimeOffset time)
            ? time
            : throw Refused(name, "a time such as 2026-01-10T03:37:46.396001Z");
    }

    private static T Required<T>(Dictionary<string, JsonElement> beside, string name, LeoErrorId errorId, Func<string, JsonElement, T> read) =>
        beside.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? read(name, value) : throw Missing(name, errorId);

    private static LeoException Missing(string name, LeoErrorId errorId = LeoErrorId.ValueOutOfRange) =>
        new(errorId, $"The line has no {name}, and a handoff is put back as it was or not at all. Give lines as -AsJson and -ExportPath write them; to make a new handoff of it, leave -FromJson out.");

    private static LeoException Refused(string name, string what) => new(LeoErrorId.ValueOutOfRange, $"{name} of the line is not {what}, and a handoff is put back as it was or not at all.");
}
