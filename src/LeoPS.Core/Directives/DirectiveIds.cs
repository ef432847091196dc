namespace LeoPS.Directives;

/// <summary>Ids of strategic directives as texts: an id that is a UUID means the same directive in any letter case; any other name is compared exactly.</summary>
public sealed class DirectiveIds : IEqualityComparer<string>
{
    private DirectiveIds()
    {
    }

    /// <summary>Compares names of directives.</summary>
    public static DirectiveIds Comparer { get; } = new();

    /// <summary>The texts that a name may be stored as: a UUID as given, in lower case and in upper case; any other name as given.</summary>
    public static IEnumerable<string> Spellings(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IsUuid(name) ? new[] { name, Lower(name), name.ToUpperInvariant() }.Distinct(StringComparer.Ordinal) : [name];
    }

    /// <inheritdoc/>
    public bool Equals(string? x, string? y) =>
        string.Equals(x, y, StringComparison.Ordinal) || (x is not null && y is not null && IsUuid(x) && string.Equals(x, y, StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public int GetHashCode(string obj) => string.GetHashCode(IsUuid(obj) ? Lower(obj) : obj, StringComparison.Ordinal);

    private static bool IsUuid(string name) => Guid.TryParseExact(name, "D", out _);

    // The letters of a UUID are a to f.
    private static string Lower(string uuid) => string.Create(uuid.Length, uuid, (span, text) => text.AsSpan().ToLowerInvariant(span));
}
