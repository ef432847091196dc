using System.Text.RegularExpressions;

namespace LeoPS.Readiness;

/// <summary>
/// The entries of deliverables_manifest. Some write the whole list as one text into one element, in markdown or as JSON: that text is split
/// into its entries.
/// </summary>
internal static partial class DeliverableList
{
    private const int NoTimeLimit = -1;

    // What a part that is open is called in front of each of its entries.
    private const string OpenMark = "pending: ";

    private static readonly HashSet<string> _names = new(StringComparer.Ordinal)
        { "name", "title", "item", "deliverable", "description", "path", "file", "filename", "component", "task", "what" };

    private static readonly HashSet<string> _states = new(StringComparer.Ordinal) { "status", "state", "progress" };

    /// <summary>The entries: the elements, or those in the only element where it is a list in itself.</summary>
    public static IReadOnlyList<string?> Of(TextArray manifest)
    {
        string[] said = [.. manifest.OfType<string>().Where(element => !string.IsNullOrWhiteSpace(element))];
        if (said.Length != 1)
        {
            return manifest;
        }

        List<string?> entries = OfJson(said[0]) ?? OfMarkdown(said[0]);
        return entries.Count == 0 ? manifest : entries;
    }

    /// <summary>Null where the text is no JSON object or array.</summary>
    private static List<string?>? OfJson(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith("{") && !text.AsSpan().TrimStart().StartsWith("["))
        {
            return null;
        }

        object? value;
        try
        {
            value = JsonValue.Parse(text);
        }
        catch (LeoException)
        {
            // A check box or another bracket: no JSON.
            return null;
        }

        var entries = new List<string?>();
        Add(entries, value, "");
        return entries;
    }

    private static void Add(List<string?> entries, object? value, string before)
    {
        switch (value)
        {
            case JsonList list:
                foreach (object? item in list)
                {
                    Add(entries, item, before);
                }

                break;
            case JsonMap map:
                AddObject(entries, map, before);
                break;
            case string or null:
                entries.Add(value is string text ? before + text : null);
                break;
        }
    }

    /// <summary>An object with a name is one entry; in any other each member holds entries, under a name that may say that they are open.</summary>
    private static void AddObject(List<string?> entries, JsonMap map, string before)
    {
        (string Key, string Name, object? Value)[] members = [.. JsonEvidence.Members(map)];
        if (Array.Find(members, member => _names.Contains(member.Key) && member.Value is string).Value is string name)
        {
            string states = string.Concat(members.Where(member => _states.Contains(member.Key) && member.Value is string).Select(member => $" ({member.Value})"));
            bool isUndone = Array.Exists(members, member => member.Key is "done" or "completed" or "complete" or "delivered" && member.Value is false);
            entries.Add($"{before}{(isUndone ? OpenMark : "")}{name}{states}");
            return;
        }

        foreach ((string key, string member, object? value) in members)
        {
            string part = before.Length > 0 || !Deliverable.IsOpenPart(member) ? before : OpenMark;
            switch (value)
            {
                case JsonMap or JsonList:
                    Add(entries, value, part);
                    break;
                // Where the whole is finished, its status is no entry.
                case string text when !_states.Contains(key) || Deliverable.IsOpen($"{member}: {text}"):
                    entries.Add($"{part}{member}: {text}");
                    break;
                case bool done:
                    entries.Add($"{(done ? part : OpenMark)}{member}");
                    break;
            }
        }
    }

    /// <summary>The items of the lists; where there is none, the lines that are no headings. A heading such as "Deferred" marks what is under it.</summary>
    private static List<string?> OfMarkdown(string text)
    {
        string[] lines = text.Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        bool hasItems = Array.Exists(lines, line => Item().IsMatch(line));
        if (lines.Length == 1 && !hasItems)
        {
            return [];
        }

        var entries = new List<string?>();
        string before = "";
        foreach (string line in lines)
        {
            if (Heading().Match(line) is { Success: true } heading)
            {
                string title = heading.Groups["title"].Value;
                before = Deliverable.IsOpenPart(title) ? OpenMark : "";
            }
            else if (hasItems ? Item().IsMatch(line) : !Rule().IsMatch(line))
            {
                entries.Add(before.Length == 0 ? line : before + Item().Replace(line, "").TrimStart());
            }
        }

        return entries;
    }

    /// <summary>"- a", "* [ ] a", "1. a", "✅ a".</summary>
    [GeneratedRegex(@"^([-*+•]\s|[0-9]{1,3}[.)]\s|\[[ xX]?\]|[✅☑✔✓❌✗✘☐◻⬜⏳⚠]|🔲|🚧|🟡|🟢)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, NoTimeLimit)]
    private static partial Regex Item();

    /// <summary>"## Files", "**Files:**", "Files created:".</summary>
    [GeneratedRegex(
        @"^(#{1,6}\s{1,9}(?<title>.{1,200})|[*_]{2}(?<title>[^*_]{1,200})[*_]{2}[^\p{L}\p{N}]{0,9}|(?<title>[^-*+•0-9\[\s][^:]{0,100}):)$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        NoTimeLimit)]
    private static partial Regex Heading();

    /// <summary>A line of a table that only separates, or a fence.</summary>
    [GeneratedRegex(@"^([-=*_|:\s]{3,}|`{3}.{0,40})$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, NoTimeLimit)]
    private static partial Regex Rule();
}
