using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LeoPS;

/// <summary>
/// Makes the text of a JSON column from what a user gives for it: the only place that does. Nothing is cut off, guessed or sent as
/// something else; what cannot become JSON that a jsonb column holds is refused, with its path. One builder serves many values, one after the other.
/// </summary>
internal sealed class JsonBuilder
{
    /// <summary>
    /// Characters of one JSON text: a jsonb value holds 2^28 - 1 bytes, and no sequence may go on for ever. A text that is longer by
    /// white space or escapes only is refused as well.
    /// </summary>
    public const int MaxLength = 268_435_455;

    // A buffer that one large value has blown up is not kept for the many small ones after it.
    private const int KeptCapacity = 65_536;

    private readonly IObjectShape _shape;
    private readonly string _name;
    private readonly int _limit;
    private readonly JsonPath _path;
    private StringBuilder _json = new(256);
    private LeoException? _refusal;

    /// <summary>Creates a builder.</summary>
    /// <param name="shape">What the host knows of values.</param>
    /// <param name="name">What the value is called in messages, such as "-InputState".</param>
    public JsonBuilder(IObjectShape shape, string name)
        : this(shape, name, MaxLength)
    {
    }

    /// <summary>Creates a builder with another limit than <see cref="MaxLength"/>.</summary>
    internal JsonBuilder(IObjectShape shape, string name, int limit)
    {
        _shape = shape;
        _name = name;
        _limit = limit;
        _path = new JsonPath(name);
    }

    /// <summary>
    /// The JSON text of a value. A string is JSON text already and comes back as it is; JSON values of .NET and of LeoPS keep their text
    /// wherever they stand. Anything else becomes JSON, in which strings are strings.
    /// </summary>
    /// <param name="value">What the user gave.</param>
    /// <returns>JSON text; null for null, which is SQL NULL (the JSON null is the text 'null').</returns>
    /// <exception cref="LeoException">InvalidJson where the text is not JSON, the value cannot become JSON, or a jsonb column cannot hold it.</exception>
    public string? Build(object? value)
    {
        try
        {
            object? bare = _shape.Unwrap(value);
            if (bare is null or DBNull)
            {
                return null;
            }

            if (bare is string text)
            {
                RequireRaw(text);
                return text;
            }

            WriteValue(bare);
            RequireLength(_json.Length);
            return _json.ToString();
        }
        catch (Exception error) when (!ReferenceEquals(error, _refusal) && IsFailure(error))
        {
            // Nothing on the way here has left the path, so it still tells where it happened.
            throw JsonErrors.Unreadable(_path.ToString(), error);
        }
        finally
        {
            _path.Clear();
            _refusal = null;
            _json = _json.Capacity > KeptCapacity ? new StringBuilder(256) : _json.Clear();
        }
    }

    private bool IsFailure(Exception error) => error is not (OperationCanceledException or OutOfMemoryException) && _shape.IsFailure(error);

    private void WriteValue(object? wrapped)
    {
        object? value = _shape.Unwrap(wrapped);
        if (value is null or DBNull)
        {
            _json.Append("null");
        }
        else if (JsonScalar.TextOf(value) is { } text)
        {
            RequireCharacters(text, isKey: false);
            JsonText.AppendString(_json, text);
        }
        else if (!JsonScalar.TryAppend(_json, value))
        {
            WriteContainer(value);
        }
    }

    private void WriteContainer(object value)
    {
        switch (value)
        {
            case JsonMap or JsonList or TextArray:
                WriteRaw(value.ToString()!);
                break;
            case JsonElement element:
                WriteRaw(element.GetRawText());
                break;
            case JsonDocument document:
                WriteRaw(document.RootElement.GetRawText());
                break;
            case JsonNode node:
                WriteRaw(node.ToJsonString());
                break;
            case IDictionary map:
                WriteMap(map);
                break;
            case IEnumerable<KeyValuePair<string, object?>> pairs:
                WriteMembers(value, pairs.Select(pair => new ObjectMember(pair.Key, () => pair.Value)));
                break;
            case IEnumerable list when !IsTree(list):
                WriteList(list);
                break;
            default:
                WriteMembers(value, _shape.MembersOf(value) ?? throw Refuse(NoForm(value)));
                break;
        }
    }

    private void WriteRaw(string raw)
    {
        RequireRaw(raw);
        _json.Append(raw);
    }

    private void WriteMap(IDictionary map)
    {
        HashSet<string>? names = null;
        Enter(map, '{');
        foreach (DictionaryEntry entry in map)
        {
            string? name = entry.Key as string;
            if (name is null)
            {
                // Only here can two keys become the same text, as 1 and '1' do.
                names ??= new HashSet<string>(map.Keys.OfType<string>(), StringComparer.Ordinal);
                name = NameOf(entry.Key);
                if (!names.Add(name))
                {
                    throw Refuse(JsonErrors.RepeatedKey(_path.ToString(), name));
                }
            }

            WriteMember(name, entry.Value);
        }

        Leave('}');
    }

    private void WriteMembers(object value, IEnumerable<ObjectMember> members)
    {
        Enter(value, '{');
        foreach (ObjectMember member in members)
        {
            _path.At(member.Name);
            WriteMember(member.Name, member.Read());
        }

        Leave('}');
    }

    private void WriteMember(string name, object? value)
    {
        _path.At(name);
        Separate();
        RequireCharacters(name, isKey: true);
        JsonText.AppendString(_json, name);
        _json.Append(':');
        WriteValue(value);
        _path.At(null);
    }

    private void WriteList(IEnumerable list)
    {
        int index = 0;
        Enter(list, '[');
        _path.At(index);
        foreach (object? item in list)
        {
            Separate();
            WriteValue(item);
            _path.At(++index);
        }

        Leave(']');
    }

    private void Enter(object container, char bracket)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        int ancestor = _path.Find(container);
        if (ancestor >= 0)
        {
            throw Refuse(JsonErrors.Circular(_path.ToString(), _path.ToString(ancestor)));
        }

        if (_path.Depth == JsonValue.MaxDepth)
        {
            throw Refuse(JsonErrors.TooDeep(_path.ToString()));
        }

        _path.Enter(container);
        _json.Append(bracket);
    }

    private void Leave(char bracket)
    {
        _path.Leave();
        _json.Append(bracket);
    }

    /// <summary>Comes before every member and element, so that what has no end is noticed.</summary>
    private void Separate()
    {
        RequireLength(_json.Length);
        if (_json[^1] is not ('{' or '['))
        {
            _json.Append(',');
        }
    }

    private void RequireLength(int length)
    {
        if (length > _limit)
        {
            throw Refuse(JsonErrors.TooLong(_name, _path.ToString(), _limit));
        }
    }

    private void RequireRaw(string raw)
    {
        RequireLength(_json.Length + raw.Length);
        if (JsonScan.FindFault(raw, _path.Depth) is { } fault)
        {
            throw Refuse(JsonErrors.Fault(_path.ToString(), fault));
        }
    }

    private void RequireCharacters(string text, bool isKey)
    {
        if (JsonScan.FindCharacter(text) is { } fault)
        {
            throw Refuse(JsonErrors.Fault(isKey ? $"The key {_path}" : _path.ToString(), fault));
        }
    }

    private string NameOf(object wrapped)
    {
        object? key = _shape.Unwrap(wrapped);
        return (key is IFormattable value and not Enum ? value.ToString(null, CultureInfo.InvariantCulture) : key?.ToString()) ?? "";
    }

    private LeoException NoForm(object value) => value switch
    {
        double or float or Half => JsonErrors.NotFinite(_path.ToString(), value),
        SecureString => JsonErrors.Secret(_path.ToString(), value.GetType()),
        _ when value.GetType().Name.EndsWith("Credential", StringComparison.Ordinal) => JsonErrors.Secret(_path.ToString(), value.GetType()),
        _ => JsonErrors.NoForm(_path.ToString(), value.GetType()),
    };

    private LeoException Refuse(LeoException refusal) => _refusal = refusal;

    /// <summary>Nodes that enumerate nodes and never come to a value: as arrays they would be brackets only.</summary>
    private static bool IsTree(IEnumerable list) => list.GetType().Namespace is "System.Xml" or "Newtonsoft.Json.Linq";
}
