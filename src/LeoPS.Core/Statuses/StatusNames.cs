namespace LeoPS.Statuses;

/// <summary>The names of a status enum as the database spells them: the member's name in lower case, or as it is where it is all capitals.</summary>
/// <typeparam name="TStatus">A status enum whose values are 0, 1, 2 …</typeparam>
public static class StatusNames<TStatus>
    where TStatus : struct, Enum
{
    private static readonly TStatus[] _values = Enum.GetValues<TStatus>();
    private static readonly string[] _columnTexts = Array.ConvertAll(_values, v => Spell(v.ToString()));

    /// <summary>Every status, in the order of the enum.</summary>
    public static IReadOnlyList<TStatus> All => _values;

    /// <summary>The names people type, separated by commas.</summary>
    public static string List { get; } = string.Join(", ", _values);

    /// <summary>The text of the status column.</summary>
    public static string ToColumn(TStatus status) => _columnTexts[Array.IndexOf(_values, status)];

    /// <summary>Reads the text of the status column; false for a status this version does not know.</summary>
    public static bool TryFromColumn(string text, out TStatus status)
    {
        int at = Array.IndexOf(_columnTexts, text);
        status = at < 0 ? default : _values[at];
        return at >= 0;
    }

    /// <summary>Reads what a person typed: a whole name in any case. Numbers, prefixes and lists are refused.</summary>
    public static bool TryParse(string? text, out TStatus status)
    {
        string name = text?.Trim() ?? "";
        int at = Array.FindIndex(_columnTexts, t => t.Equals(name, StringComparison.OrdinalIgnoreCase));
        status = at < 0 ? default : _values[at];
        return at >= 0;
    }

    private static string Spell(string name) => name.Any(char.IsLower) ? name.ToLowerInvariant() : name;
}
