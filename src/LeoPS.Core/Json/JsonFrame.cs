namespace LeoPS;

/// <summary>An object or array whose end has not been read yet.</summary>
/// <param name="start">Where it begins in the text, in bytes.</param>
/// <param name="isMap">True for an object.</param>
internal sealed class JsonFrame(int start, bool isMap)
{
    private readonly List<KeyValuePair<string, object?>> _members = [];

    public int Start { get; } = start;

    /// <summary>The key that the next value belongs to.</summary>
    public string Name { get; set; } = "";

    public void Add(object? value) => _members.Add(KeyValuePair.Create(Name, value));

    public object Build(ReadOnlyMemory<byte> raw)
        => isMap ? new JsonMap(_members, raw) : new JsonList(_members.ConvertAll(member => member.Value), raw);
}
