using System.Globalization;

namespace LeoPS;

/// <summary>Why a value cannot become JSON, worded in one place. A subject is a path, such as "-InputState.steps[2]".</summary>
internal static class JsonErrors
{
    private const int ShownOfMessage = 300;

    /// <summary>What is wrong with a subject, as the rest of a sentence.</summary>
    public static LeoException Fault(string subject, string fault) => new(LeoErrorId.InvalidJson, $"{subject} {fault}");

    /// <summary>A live object, of which nobody knows what of it is meant.</summary>
    public static LeoException NoForm(string subject, Type type) => Fault(
        subject, $"is a {type}, which has no JSON form. Give the properties that matter (Select-Object Name, Id), or its text.");

    /// <summary>A password or a credential.</summary>
    public static LeoException Secret(string subject, Type type) => Fault(
        subject, $"is a {type}: secrets are not stored. Leave it out, or give the name under which the secret is kept.");

    /// <summary>Not a number, or an infinite one.</summary>
    public static LeoException NotFinite(string subject, object number) => Fault(
        subject, string.Create(CultureInfo.InvariantCulture, $"is {number}, for which JSON has no number. Give null or a text instead."));

    /// <summary>An object inside itself.</summary>
    public static LeoException Circular(string subject, string ancestor) => Fault(
        subject, $"is the same object as {ancestor}, which contains it: JSON has no circular references. Leave it out (Select-Object -ExcludeProperty).");

    /// <summary>More levels than are ever read.</summary>
    public static LeoException TooDeep(string subject) => Fault(
        subject, $"is nested deeper than {JsonValue.MaxDepth} levels. Leave out what leads there.");

    /// <summary>More text than a column holds.</summary>
    public static LeoException TooLong(string root, string subject, int limit) => Fault(
        root, string.Create(CultureInfo.InvariantCulture, $"is more than {limit:N0} characters of JSON at {subject}, and a jsonb column holds no more. Perhaps a sequence has no end; Select-Object -First takes the beginning."));

    /// <summary>Two keys of a dictionary that are the same text.</summary>
    public static LeoException RepeatedKey(string subject, string key) => Fault(
        subject, $"has two keys that are the same text, {JsonText.EscapeString(key)}, and a JSON object keeps only one of them. Rename the other.");

    /// <summary>A property, an enumerator or a key that threw.</summary>
    public static LeoException Unreadable(string subject, Exception error)
    {
        string message = error.GetBaseException().Message;
        return Fault(subject, $"could not be read: {(message.Length <= ShownOfMessage ? message : $"{message[..(ShownOfMessage - 1)]}…")}");
    }
}
