using System.Collections.ObjectModel;
using System.Text;

namespace LeoPS;

/// <summary>A JSON array, read-only. ToString is the JSON text as it was written.</summary>
public sealed class JsonList : ReadOnlyCollection<object?>
{
    private readonly ReadOnlyMemory<byte> _raw;

    internal JsonList(IList<object?> items, ReadOnlyMemory<byte> raw)
        : base(items)
        => _raw = raw;

    /// <summary>The JSON text of this array, as it was written.</summary>
    public override string ToString() => Encoding.UTF8.GetString(_raw.Span);
}
