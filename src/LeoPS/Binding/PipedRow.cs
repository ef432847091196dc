using System.Collections;
using System.Management.Automation;
using System.Text.Json;
using LeoPS.Json;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>A piped thing that is not one of our live objects, seen as a row: its id and its properties by name, in any case.</summary>
internal sealed class PipedRow
{
    private readonly Func<string, object?> _property;
    private readonly PSObject? _object;

    private PipedRow(PSObject? shape, Guid? id, string description, Func<string, object?> property, IEnumerable<ObjectMember> members)
    {
        _object = shape;
        Id = id;
        Description = description;
        _property = property;
        Members = members;
    }

    /// <summary>The id; null where there is none that is a GUID.</summary>
    public Guid? Id { get; }

    /// <summary>True where it has an id that is no GUID: a mistake, which nothing else in the row may cover up.</summary>
    public bool HasUnreadableId => Id is null && ColumnValue.Text(_property(nameof(Id))) is not null;

    /// <summary>What it is, for an error message: never a long value.</summary>
    public string Description { get; }

    /// <summary>A property; null where it is missing or null.</summary>
    public object? this[string name] => _property(name);

    /// <summary>True where it has the property, be it null or blank.</summary>
    public bool Has(string name) => Members.Any(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Its properties in their order; none for what is no row.</summary>
    public IEnumerable<ObjectMember> Members { get; }

    /// <summary>True for a hashtable, in which somebody wrote each key: a null there is meant, whereas a file or an object may just have nothing to say.</summary>
    public bool NullIsMeant { get; private init; }

    public static PipedRow Of(object? input)
    {
        object? value = input is PSObject wrapped ? wrapped.BaseObject : input;
        switch (value)
        {
            case null:
                return OfNothing(null, "An empty value");
            case string text:
                return OfText(text.Trim());
            case Guid id:
                return OfNothing(null, id == Guid.Empty ? "The empty GUID" : $"'{id}'");
            case IDictionary map:
                return OfMap(map);
            case ValueType:
                return OfNothing(null, $"'{Short(value.ToString()!)}'");
            default:
                PSObject shape = PSObject.AsPSObject(input!);
                return OfProperties(
                    shape,
                    name => Unwrap(shape.Properties[name]?.Value),
                    shape.Properties.Select(p => new ObjectMember(p.Name, () => Unwrap(p.Value))),
                    value is PSCustomObject ? "An object" : LeoErrors.Capital(LeoErrors.WithArticle(value.GetType().Name)));
        }
    }

    /// <summary>The name of another kind of ours, live or deserialized; null where it is none, or one of these.</summary>
    public string? ForeignKind(params string[] ownKinds) => Kinds().FirstOrDefault(kind => !ownKinds.Contains(kind));

    /// <summary>True for this kind of ours, live or deserialized.</summary>
    public bool IsOfType(string kind) => Kinds().Contains(kind);

    /// <summary>True for this kind of ours, and for what Select-Object made of one: its Id is then still that kind's, and its other columns are the user's choice.</summary>
    public bool StemsFrom(string kind) => Kinds("Selected.").Contains(kind);

    /// <summary>The same row without one of its columns.</summary>
    public PipedRow Without(string column) =>
        new(
            _object,
            Id,
            Description,
            name => name.Equals(column, StringComparison.OrdinalIgnoreCase) ? null : _property(name),
            Members.Where(member => !member.Name.Equals(column, StringComparison.OrdinalIgnoreCase))) { NullIsMeant = NullIsMeant };

    private static string After(string beginning, string name) => name.StartsWith(beginning, StringComparison.Ordinal) ? name[beginning.Length..] : name;

    private IEnumerable<string> Kinds(string madeBy = "") => _object is null ? [] : _object.TypeNames
        .Select(n => After(madeBy, After("Deserialized.", n)))
        .Where(n => n.StartsWith("LeoPS.", StringComparison.Ordinal))
        .Select(n => n["LeoPS.".Length..]);

    private static PipedRow OfText(string text)
    {
        if (Guid.TryParse(text, out Guid id) && id != Guid.Empty)
        {
            return OfNothing(id, text);
        }

        // A line of -AsJson.
        if (text.StartsWith('{') && JsonText.IsValid(text, out _))
        {
            using JsonDocument document = JsonDocument.Parse(text);
            // As JSON: a value for a JSON column keeps every digit, and a string in one is a JSON string.
            Dictionary<string, object?> properties = document.RootElement.EnumerateObject()
                .Where(p => p.Value.ValueKind != JsonValueKind.Null)
                .GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(g => g.Key, g => (object?)g.First().Value.Clone(), StringComparer.OrdinalIgnoreCase);
            return OfProperties(null, name => properties.GetValueOrDefault(name), properties.Select(p => new ObjectMember(p.Key, () => p.Value)), "A JSON object");
        }

        return OfNothing(null, text.Length == 0 ? "An empty text" : text.StartsWith('[') && JsonText.IsValid(text, out _) ? "A JSON array, of which ConvertFrom-Json makes rows," : $"'{Redaction.Redact(Short(text))}'");
    }

    private static PipedRow OfMap(IDictionary map)
    {
        object? Find(string name) => map.Keys.Cast<object>().FirstOrDefault(k => name.Equals(k.ToString(), StringComparison.OrdinalIgnoreCase)) is { } key ? Unwrap(map[key]) : null;
        PipedRow row = OfProperties(null, Find, map.Cast<DictionaryEntry>().Select(e => new ObjectMember(e.Key.ToString() ?? "", () => Unwrap(e.Value))), "A hashtable");
        return new PipedRow(null, row.Id, row.Description, Find, row.Members) { NullIsMeant = true };
    }

    /// <summary>Something that has no properties of use; an id alone, or not even that.</summary>
    private static PipedRow OfNothing(Guid? id, string description) => new(null, id, description, _ => null, []);

    private static PipedRow OfProperties(PSObject? shape, Func<string, object?> property, IEnumerable<ObjectMember> members, string what)
    {
        object? id = property("Id");
        string? text = id?.ToString()?.Trim();
        return Guid.TryParse(text, out Guid guid) && guid != Guid.Empty
            ? new PipedRow(shape, guid, text!, property, members)
            : new PipedRow(shape, null, text is null ? $"{what} without an Id" : $"{what} whose Id is '{Redaction.Redact(Short(text))}'", property, members);
    }

    /// <summary>An object without a value of its own stays wrapped, or its properties were lost; an enum from another session is its name.</summary>
    private static object? Unwrap(object? value) => PowerShellShape.Instance.Unwrap(value);

    private static string Short(string text) => text.Length <= 60 ? text : $"{text[..57]}...";
}
