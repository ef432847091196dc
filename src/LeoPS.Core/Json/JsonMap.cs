using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace LeoPS;

/// <summary>
/// A JSON object, read-only, its keys in the order of the text. PowerShell reads its keys with dots. A key is found as written, or else in any case;
/// an unknown one gives null. ToString is the JSON text. Where the text has a key twice, the last one counts.
/// </summary>
[SuppressMessage("Design", "CA1010", Justification = "PowerShell's dots ask for the non-generic dictionary.")]
[SuppressMessage("Naming", "CA1710", Justification = "Users see the name; a map is what JSON calls an object elsewhere.")]
public sealed class JsonMap : IDictionary
{
    private readonly List<KeyValuePair<string, object?>> _members;
    private readonly Dictionary<string, int> _places;
    private readonly ReadOnlyMemory<byte> _raw;

    internal JsonMap(IReadOnlyCollection<KeyValuePair<string, object?>> members, ReadOnlyMemory<byte> raw)
    {
        _raw = raw;
        _members = new List<KeyValuePair<string, object?>>(members.Count);
        _places = new Dictionary<string, int>(members.Count, StringComparer.Ordinal);
        foreach (KeyValuePair<string, object?> member in members)
        {
            if (_places.TryAdd(member.Key, _members.Count))
            {
                _members.Add(member);
            }
            else
            {
                _members[_places[member.Key]] = member;
            }
        }
    }

    /// <summary>How many keys there are.</summary>
    public int Count => _members.Count;

    /// <summary>The keys, in the order of the text.</summary>
    public ICollection Keys => _members.ConvertAll(member => member.Key).AsReadOnly();

    /// <summary>The values, in the order of the text.</summary>
    public ICollection Values => _members.ConvertAll(member => member.Value).AsReadOnly();

    /// <summary>Always true.</summary>
    public bool IsReadOnly => true;

    /// <summary>Always true.</summary>
    public bool IsFixedSize => true;

    /// <summary>Always false; nothing changes, so nothing needs a lock.</summary>
    bool ICollection.IsSynchronized => false;

    /// <summary>The map itself.</summary>
    object ICollection.SyncRoot => this;

    /// <summary>The value of a key; null where there is no such key. Setting is refused.</summary>
    /// <exception cref="NotSupportedException">On setting.</exception>
    public object? this[object? key]
    {
        get => Find(key) is { } place ? _members[place].Value : null;
        set => throw ReadOnly();
    }

    /// <summary>True where the key is there, as written or in another case.</summary>
    public bool Contains(object? key) => Find(key) is not null;

    /// <summary>The members in the order of the text.</summary>
    public IDictionaryEnumerator GetEnumerator() => new JsonMapEnumerator(_members);

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Copies the members as DictionaryEntry.</summary>
    public void CopyTo(Array array, int index)
    {
        ArgumentNullException.ThrowIfNull(array);
        foreach (KeyValuePair<string, object?> member in _members)
        {
            array.SetValue(new DictionaryEntry(member.Key, member.Value), index++);
        }
    }

    /// <summary>Refused.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void Add(object key, object? value) => throw ReadOnly();

    /// <summary>Refused.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void Clear() => throw ReadOnly();

    /// <summary>Refused.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void Remove(object key) => throw ReadOnly();

    /// <summary>The JSON text of this object, as it was written.</summary>
    public override string ToString() => Encoding.UTF8.GetString(_raw.Span);

    private static NotSupportedException ReadOnly()
        => new("The JSON of a row is read-only here; write a changed copy with the cmdlet that sets the column.");

    private int? Find(object? key)
    {
        // PowerShell wraps values; their ToString is the key.
        string? name = key as string ?? key?.ToString();
        if (name is null)
        {
            return null;
        }

        if (_places.TryGetValue(name, out int place))
        {
            return place;
        }

        int index = _members.FindIndex(member => string.Equals(member.Key, name, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : index;
    }
}
