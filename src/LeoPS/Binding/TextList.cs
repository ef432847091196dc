using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.Json;

namespace LeoPS.Binding;

/// <summary>Reads a list of texts as people and files have it.</summary>
internal static class TextList
{
    /// <summary>
    /// A list is its items, and a text is one item; but a JSON array of texts is the texts in it, which is how a CSV file has them. Null and blank
    /// are no list.
    /// </summary>
    public static string?[]? Of(object? input) => Bare(input) switch
    {
        null => null,
        string text when string.IsNullOrWhiteSpace(text) => null,
        string text => FromJson(text) ?? [text],
        JsonElement { ValueKind: JsonValueKind.String } element => Of(element.GetString()),
        JsonElement element => FromJson(element.GetRawText()) ?? [element.GetRawText()],
        IEnumerable list and not IDictionary => list.Cast<object?>().Select(item => Plain(Bare(item))).ToArray(),
        var other => [Plain(other)],
    };

    private static string?[]? FromJson(string text)
    {
        if (!text.TrimStart().StartsWith('[') || !JsonText.IsValid(text, out _))
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement[] items = [.. document.RootElement.EnumerateArray()];
        return Array.TrueForAll(items, i => i.ValueKind is JsonValueKind.String or JsonValueKind.Null) ? Array.ConvertAll(items, i => i.GetString()) : null;
    }

    /// <summary>A number is the same text in every culture.</summary>
    private static string? Plain(object? value) => value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value?.ToString();

    private static object? Bare(object? input) => input is PSObject wrapped ? wrapped.BaseObject : input;
}
