using System.Globalization;
using System.Text.Json;
using LeoPS.Statuses;
using LeoPS.Text;

namespace LeoPS;

/// <summary>
/// Reads the members of a line that <see cref="JsonLine"/> wrote. An absent member is SQL NULL; so is a null, but in the raw text of a JSON
/// column. What is wrong with a member is ValueOutOfRange, since a row is put back as it was or not at all.
/// </summary>
/// <param name="noun">What a row is called in messages.</param>
internal sealed class JsonLineReader(string noun)
{
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.FFFFFFFK";

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = JsonValue.MaxDepth + 1 };

    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="writer">The call that writes such lines, for messages.</param>
    /// <param name="read">Reads the object.</param>
    /// <exception cref="LeoException">InvalidJson where it is no JSON object; what <paramref name="read"/> throws.</exception>
    public static T Read<T>(string line, string writer, Func<JsonElement, T> read)
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
                ? read(document.RootElement)
                : throw JsonErrors.Fault("The line", $"is no JSON object. Give lines as {writer} writes them.");
        }
        catch (JsonException wrong)
        {
            string hint = line.Contains('\n', StringComparison.Ordinal) ? " Give one line at a time (Get-Content without -Raw)." : "";
            throw JsonErrors.Fault("The line", JsonScan.NotJson(wrong) + hint);
        }
    }

    /// <summary>Takes a member that is to be read by its name.</summary>
    public void Add(JsonProperty member) => _members[member.Name] = member.Value;

    /// <summary>A member that each row has.</summary>
    /// <exception cref="LeoException">ValueOutOfRange, or the given id, where it is missing.</exception>
    public T Required<T>(string name, Func<string, JsonElement, T> read, LeoErrorId errorId = LeoErrorId.ValueOutOfRange) =>
        Find(name) is { } value ? read(name, value) : throw Missing(name, errorId);

    /// <summary>The raw text of a JSON column; "null" for the JSON null, null for SQL NULL.</summary>
    public string? Raw(string name) => _members.TryGetValue(name, out JsonElement value) ? value.GetRawText() : null;

    /// <summary>A time in UTC; null for SQL NULL.</summary>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public DateTimeOffset? Time(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParseExact(Text(name, value), TimeFormat, CultureInfo.InvariantCulture, Utc, out DateTimeOffset time)
            ? time
            : throw Refused(name, "a time such as 2026-01-10T03:37:46.396001Z");
    }

    /// <summary>A member that may be absent; null for SQL NULL.</summary>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public T? Optional<T>(string name, Func<string, JsonElement, T> read)
        where T : class => Find(name) is { } value ? read(name, value) : null;

    /// <summary>A text that a column can hold.</summary>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public string Text(string name, JsonElement value)
    {
        try
        {
            string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Refused(name, "a text");
            StoredText.RequireStorable(name, text);
            return text;
        }
        catch (InvalidOperationException)
        {
            // An escape that is half of a surrogate pair.
            throw Refused(name, "a text of whole characters");
        }
    }

    /// <summary>A number as it is written.</summary>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public string Number(string name, JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetRawText() : throw Refused(name, "a number");

    /// <summary>A GUID.</summary>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public Guid Id(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.TryGetGuid(out Guid id) && id != Guid.Empty ? id : throw Refused(name, "a GUID");

    /// <summary>A name of an enum.</summary>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public TName Name<TName>(string name, JsonElement value)
        where TName : struct, Enum =>
        StatusNames<TName>.TryParse(Text(name, value), out TName known) ? known : throw Refused(name, $"one of {StatusNames<TName>.List}");

    /// <summary>A member that each row has and this line has not.</summary>
    public LeoException Missing(string name, LeoErrorId errorId = LeoErrorId.ValueOutOfRange) => new(
        errorId, $"The line has no {name}, and {LeoErrors.WithArticle(noun)} is put back as it was or not at all. Give lines as -AsJson and -ExportPath write them; to make a new {noun} of it, leave -FromJson out.");

    /// <summary>A member that is something else.</summary>
    public LeoException Refused(string name, string what) =>
        new(LeoErrorId.ValueOutOfRange, $"{name} of the line is not {what}, and {LeoErrors.WithArticle(noun)} is put back as it was or not at all.");

    private JsonElement? Find(string name) => _members.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
