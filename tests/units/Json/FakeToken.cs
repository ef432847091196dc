using System.Collections;

namespace Newtonsoft.Json.Linq;

/// <summary>Stands for a value of that library: enumerable, and empty.</summary>
internal sealed class FakeToken : IEnumerable
{
    public IEnumerator GetEnumerator() => Array.Empty<object>().GetEnumerator();
}
