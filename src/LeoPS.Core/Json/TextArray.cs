using System.Collections.ObjectModel;

namespace LeoPS;

/// <summary>The value of a text[] column, read-only; an element may be null. ToString is a JSON array.</summary>
public sealed class TextArray : ReadOnlyCollection<string?>
{
    /// <summary>Wraps the elements.</summary>
    internal TextArray(IList<string?> items)
        : base(items)
    {
    }

    /// <summary>The elements as a JSON array; quotes and emoji stay readable.</summary>
    public override string ToString()
        => "[" + string.Join(",", this.Select(item => item is null ? "null" : JsonText.EscapeString(item))) + "]";
}
