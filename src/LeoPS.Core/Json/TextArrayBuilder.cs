using System.Collections;
using System.Text;
using System.Text.Json;

namespace LeoPS;

/// <summary>Makes the elements of a text[] column of what a user gives for it. Nothing is split or guessed.</summary>
/// <param name="shape">What the host knows of values.</param>
/// <param name="name">What the value is called in messages, such as "-KnownIssues".</param>
internal sealed class TextArrayBuilder(IObjectShape shape, string name)
{
    /// <summary>The elements; null for null.</summary>
    /// <param name="value">A sequence of texts, or the text of a JSON array.</param>
    /// <param name="loneIsElement">
    /// True where a text that does not begin like a JSON array is the one element, as on a command line; false where it is refused, as in a
    /// cell of a file, in which it may be anything.
    /// </param>
    /// <exception cref="LeoException">InvalidJson for a text that is no JSON array; ValueOutOfRange for an element that is no text.</exception>
    public IReadOnlyList<string?>? Build(object? value, bool loneIsElement)
    {
        object? bare = shape.Unwrap(value);
        switch (bare)
        {
            case null or DBNull:
                return null;
            case TextArray array:
                return array;
            case JsonElement { ValueKind: JsonValueKind.Array } element:
                return [.. element.EnumerateArray().Select(Element)];
            case JsonElement { ValueKind: JsonValueKind.String } element:
                return OfText(element.GetString()!, loneIsElement);
            case IEnumerable list and not (string or IDictionary):
                return [.. list.Cast<object?>().Select(Element)];
            default:
                return TextOf(bare) is { } text
                    ? OfText(text, loneIsElement)
                    : throw Refused($"is a {bare.GetType().Name}");
        }
    }

    private IReadOnlyList<string?> OfText(string text, bool loneIsElement)
    {
        if (loneIsElement && !text.AsSpan().TrimStart().StartsWith("["))
        {
            return [text];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Array
                ? [.. document.RootElement.EnumerateArray().Select(Element)]
                : throw NoArray();
        }
        catch (JsonException)
        {
            throw NoArray();
        }
    }

    private string? Element(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => Whole(element),
        JsonValueKind.Object or JsonValueKind.Array => throw Refused($"has an element that is a JSON {element.ValueKind.ToString().ToLowerInvariant()}"),
        _ => element.GetRawText(),
    };

    private string? Element(object? item)
    {
        object? bare = shape.Unwrap(item);
        return bare switch
        {
            null or DBNull => null,
            JsonElement element => Element(element),
            _ => TextOf(bare) ?? throw Refused($"has an element that is a {bare.GetType().Name}"),
        };
    }

    private string Whole(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw JsonErrors.Fault(name, "holds half of a surrogate pair, which is no character. Take it out.");
        }
    }

    /// <summary>The text of a scalar; null for anything else.</summary>
    private static string? TextOf(object value)
    {
        if (JsonScalar.TextOf(value) is { } text)
        {
            return text;
        }

        var json = new StringBuilder();
        return JsonScalar.TryAppend(json, value) ? json.ToString().Trim('"') : null;
    }

    private LeoException NoArray() => JsonErrors.Fault(
        name, "is a text that is no JSON array. It holds a list: write [\"first\", \"second\"], or give an array ('first', 'second'); a list in one text is not split by guessing.");

    private LeoException Refused(string what) => new(LeoErrorId.ValueOutOfRange, $"{name} {what}, and a list of texts is wanted.");
}
