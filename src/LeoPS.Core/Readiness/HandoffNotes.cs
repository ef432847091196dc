using System.Text.RegularExpressions;
using static LeoPS.ReadinessElement;

namespace LeoPS.Readiness;

/// <summary>
/// post_implementation_notes, cut where a label stands: at the beginning of a line, with a colon, a dash or nothing behind it, or
/// with a colon after the end of a sentence. Lines that status changes left are not part of them.
/// </summary>
internal sealed partial class HandoffNotes
{
    private const int NoTimeLimit = -1;
    private const string Whose = "(lead|plan|exec|approval|verification|implementation|design)";

    private const string Labels =
        "((?<decisions>((phase|key|main|critical|important|major|strategic|technical|architectural|architecture|product|" + Whose + ")\\s){0,3}decisions?"
        + "( (made|taken|log|summary))?( (and|&) [a-z]{1,20})?|decided)"
        + "|(?<resources>((phase|total|" + Whose + ")\\s){0,3}resources?( used| utili[sz]ation| usage| use| spent| allocation| allocated| consumption)?"
        + "( (and|&) [a-z]{1,20}( [a-z]{1,20})?)?( summary| report)?|(time|hours|effort|tokens) (spent|used)|used|spent|effort|costs?)"
        + "|(?<actions>((phase|priority|suggested|recommended|immediate|remaining|" + Whose + ")\\s){0,3}(next( steps?| actions?)?|action items?|actions?( required| needed)?)"
        + "|to[- ]?dos?|follow[- ]?ups?|open (items|points)))";

    private readonly List<Section> _sections = [];

    private HandoffNotes()
    {
    }

    /// <summary>True where nothing is said under any label, or without one.</summary>
    public bool SayNothing => _sections.TrueForAll(section => section.SaysNothing);

    /// <summary>What stands under the labels of an element; empty where there is no such label.</summary>
    public IReadOnlyList<Section> About(ReadinessElement element) => _sections.FindAll(section => section.Element == element);

    public static HandoffNotes Read(string? text)
    {
        var notes = new HandoffNotes();
        var section = new Section(null, 0);
        notes._sections.Add(section);
        foreach (string line in (text ?? "").Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (StatusLine().IsMatch(line))
            {
                continue;
            }

            int start = 0;
            int level = HeadingLevel(line.TrimStart());
            if (LineLabel().Match(line) is { Success: true } label)
            {
                section = notes.Begin(label, level);
                start = label.Length;
            }
            else if (level > 0)
            {
                // A heading of another kind ends the section, unless it is one below the section's own.
                section = section.Level == 0 || level <= section.Level ? notes.Begin(null, level) : section;
                continue;
            }

            foreach (Match inner in Inner().Matches(line, start))
            {
                section.Lines.Add(line[start..inner.Index]);
                section = notes.Begin(inner, 0);
                start = inner.Index + inner.Length;
            }

            section.Lines.Add(line[start..]);
        }

        return notes;
    }

    /// <summary>The number of # before a heading; 0 where the line is none.</summary>
    private static int HeadingLevel(string line)
    {
        int level = line.Length - line.TrimStart('#').Length;
        return level < line.Length && char.IsWhiteSpace(line[level]) ? level : 0;
    }

    private Section Begin(Match? label, int level)
    {
        ReadinessElement? element = label is null ? null
            : label.Groups["decisions"].Success ? KeyDecisions
            : label.Groups["resources"].Success ? ResourceUtilization
            : ActionItems;
        var section = new Section(element, level);
        _sections.Add(section);
        return section;
    }

    /// <summary>What Set-HandoffStatus -Reason appends.</summary>
    [GeneratedRegex("^ {0,9}[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9:]{8}Z)? (preparing|ready|sent|accepted|rejected): ", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, NoTimeLimit)]
    private static partial Regex StatusLine();

    /// <summary>"## 4. Key decisions", "**Critical Decisions Made:**", "- **Used:** …", "Action items for PLAN", "Next - …".</summary>
    [GeneratedRegex(
        @"^\s{0,40}(#{1,6}\s{0,9}|[-*+•>]\s{1,9}|\(?[0-9]{1,2}[.)]\s{0,9}){0,3}[*_]{0,3}([\p{So}\p{Cs}\uFE0F]{1,6}\s{1,3})?[*_]{0,3}" + Labels + @"(\sfor\s[^:]{1,40}?)?(\s\([^()]{1,40}\))?[*_]{0,3}(\s{0,5}:[*_]{0,3}|\s{1,5}[-–—]\s|\s{0,40}$)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        NoTimeLimit)]
    private static partial Regex LineLabel();

    /// <summary>A label after the end of a sentence; and, there or at the beginning of a line, "Decided to …", "Used 6 hours …", "Next, …".</summary>
    [GeneratedRegex(
        @"(?<=[.;!?]\s{1,5})[*_]{0,3}" + Labels + @"[*_]{0,3}\s{0,3}:[*_]{0,3}"
        + @"|(^\s{0,40}([-*+•]\s{1,9})?|(?<=[.;!?]\s{1,5}))(we\s{1,3})?((?<decisions>decided)(?=\s(to|that|against|on|not|for)\b)|(?<resources>used|spent)(?=\s(about\s)?[0-9])|(?<actions>next)(?=,))",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        NoTimeLimit)]
    private static partial Regex Inner();

    /// <summary>What stands under one label.</summary>
    /// <param name="element">The label's element; null where there is no label, or one of something else.</param>
    /// <param name="level">The number of # before it.</param>
    internal sealed class Section(ReadinessElement? element, int level)
    {
        // Asked for each element, and notes may be long.
        private bool? _saysNothing;

        public ReadinessElement? Element => element;

        public int Level => level;

        public List<string> Lines { get; } = [];

        public bool SaysNothing => _saysNothing ??= Lines.TrueForAll(Boilerplate.SaysNothing);

        public string? Placeholder => Lines.Select(Boilerplate.Placeholder).FirstOrDefault(placeholder => placeholder is not null);
    }
}
