using System.Collections;

namespace LeoPS.Readiness;

/// <summary>A JSON column that is to hold an object with figures.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="Map">The object; null where there is none with anything in it.</param>
/// <param name="Trouble">Why there is none, as the end of a sentence about the column; null where there is one.</param>
internal readonly record struct JsonEvidence(string Column, JsonMap? Map, string? Trouble)
{
    public static JsonEvidence Of(string column, string? raw, Func<object?> read)
    {
        object? value;
        try
        {
            value = read();
        }
        catch (LeoException unreadable)
        {
            return new JsonEvidence(column, null, $"cannot be read ({Prose.OneLine(unreadable.Message).TrimEnd('.')})");
        }

        return value switch
        {
            JsonMap { Count: > 0 } map => new JsonEvidence(column, map, null),
            JsonMap => new JsonEvidence(column, null, "is empty"),
            null => new JsonEvidence(column, null, raw is null ? "is not filled in" : "is JSON null"),
            _ => new JsonEvidence(column, null, $"is {Kind(value)} and not an object"),
        };
    }

    /// <summary>What a JSON value is called in messages.</summary>
    public static string Kind(object? value) => value switch
    {
        null => "null",
        JsonMap => "an object",
        JsonList => "a list",
        string => "a text",
        bool => "true or false",
        _ => "a number",
    };

    /// <summary>The members of an object, with their keys as <see cref="Key"/> makes them and as they are.</summary>
    public static IEnumerable<(string Key, string Name, object? Value)> Members(JsonMap map)
    {
        foreach (DictionaryEntry member in (IDictionary)map)
        {
            string name = (string)member.Key;
            yield return (Key(name), name, member.Value);
        }
    }

    /// <summary>A key in small letters, without separators and without a word for percent: coverage_pct and Coverage % are coverage.</summary>
    public static string Key(string name)
    {
        char[] letters = Array.FindAll(name.ToCharArray(), char.IsLetterOrDigit);
        string key = new string(letters).ToLowerInvariant();
        foreach (string ending in (string[])["percentage", "percent", "pct"])
        {
            if (key.Length > ending.Length && key.EndsWith(ending, StringComparison.Ordinal))
            {
                return key[..^ending.Length];
            }
        }

        return key;
    }
}
