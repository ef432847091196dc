using System.Collections;

namespace LeoPS;

/// <summary>Walks the members of a <see cref="JsonMap"/>.</summary>
internal sealed class JsonMapEnumerator(IReadOnlyList<KeyValuePair<string, object?>> members) : IDictionaryEnumerator
{
    private int _index = -1;

    public DictionaryEntry Entry => new(members[_index].Key, members[_index].Value);

    public object Key => members[_index].Key;

    public object? Value => members[_index].Value;

    public object Current => Entry;

    public bool MoveNext() => ++_index < members.Count;

    public void Reset() => _index = -1;
}
