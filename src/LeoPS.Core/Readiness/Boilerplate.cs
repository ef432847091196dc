using System.Text.RegularExpressions;

namespace LeoPS.Readiness;

/// <summary>Finds text that only fills a place: stock phrases that say nothing, and what a template left to be replaced.</summary>
internal static partial class Boilerplate
{
    // Every repetition in the patterns is bounded, so that they are linear and need no time limit.
    private const int NoTimeLimit = -1;
    private const int MaxPhrase = 100;
    private const int MaxTailWords = 3;
    private const string Subject = "(issues?|risks?|problems?|bugs?|limitations?|concerns?|decisions?|action items?|actions?|items?|next steps?|steps?|follow ups?|resources?|deliverables?|comments?|blockers?)";
    private const string Instruction = "(describe|insert|enter|add|fill|list|specify|provide|explain|write|summari[sz]e|replace|your|placeholder|todo|tbd|tba|tbc)";

    /// <summary>A marker that stands for a text to come; not one that the text is about, such as "TODO comment added" or "no TODO left".</summary>
    internal const string Marker =
        @"(?<!\b(?i:no|zero|0|any|all|every|removed?|removing|resolved?|remaining|last|the|a)\s)(TODO|TBD|TBA|FIXME|XXX)\b(?![-/]|\.\w)"
        + @"(?!s?\s{1,3}(?i:comments?|markers?|tags?|items?|entries|entry|apps?|pages?|list\s(page|view|app|component|screen|feature)|left|remain(s|ing)?|removed|resolved)\b)";

    private static readonly HashSet<string> _phrases = new(StringComparer.Ordinal)
    {
        "n a", "na", "nil", "null", "nothing", "nothing to report", "nothing known", "nothing found", "not applicable", "not available", "unknown",
        "tbd", "tba", "tbc", "todo", "to do", "fixme", "wip", "xxx", "placeholder", "test", "lorem ipsum", "coming soon", "see above", "same as above",
        "to be determined", "to be defined", "to be decided", "to be done", "to be added", "to be written", "to be completed", "to be announced",
        "work in progress", "in progress", "all good", "everything is fine", "as expected",
    };

    /// <summary>True for null, blanks, mere punctuation, placeholders alone, and a stock phrase with at most a few words behind a dash, colon or bracket.</summary>
    public static bool SaysNothing(string? text)
    {
        if (text is null)
        {
            return true;
        }

        string words = Prose.Words(text);
        if (words.Length == 0 || IsStockPhrase(words))
        {
            return true;
        }

        Match head = Head().Match(text);
        if (head.Success && IsStockPhrase(Prose.Words(head.Groups["phrase"].Value)))
        {
            return Prose.Words(text[(head.Index + head.Length)..]).Count(c => c == ' ') < MaxTailWords;
        }

        return Placeholder(text) is not null && Prose.Words(Without(text)).Length == 0;
    }

    /// <summary>The first placeholder in a text; null where there is none.</summary>
    public static string? Placeholder(string text) => Placeholders().Match(text) is { Success: true } match ? match.Value : null;

    /// <summary>The text without its placeholders.</summary>
    public static string Without(string text) => Placeholders().Replace(text, " ");

    private static bool IsStockPhrase(string words) => words.Length <= MaxPhrase && (_phrases.Contains(words) || None().IsMatch(words));

    /// <summary>"no issues identified", "none", "no known issues or risks at this time", in small letters and without punctuation.</summary>
    [GeneratedRegex(
        "^(there (is|are|were) )?(no|none|zero)( (known|open|new|further|more|other|major|critical|significant|outstanding|key|additional)){0,3}"
        + "( " + Subject + ")?( (and|or) " + Subject + ")?( (were|are|was|is|have been))?( (identified|found|known|reported|noted|used|required|needed|made|open|recorded))?"
        + "( (at this time|at the moment|so far|yet|to report|as of now|currently|today))?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        NoTimeLimit)]
    private static partial Regex None();

    /// <summary>What stands before the first dash, colon or bracket.</summary>
    [GeneratedRegex(@"^[\s\p{P}\p{S}]{0,20}(?<phrase>[\p{L}\p{N}/. ']{1,60}?)\s{0,5}([(:;,\[–—]|-\s)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, NoTimeLimit)]
    private static partial Regex Head();

    [GeneratedRegex(
        @"\[\s{0,5}" + Instruction + @"\b[^\[\]\n]{0,200}\](?!\()"
        + @"|<\s{0,5}" + Instruction + @"\b[^<>\n]{0,200}>"
        + @"|<[a-z]{1,40}([ _][a-z0-9]{1,40}){1,12}>|<(summary|description|name|title|path|file|url|link|date|text|value|number|reason)>"
        + @"|\[(\.\.\.|…)\]|<(\.\.\.|…)>|\{\{[^{}\n]{1,100}\}\}"
        + @"|(?<![\w/.-])((?-i:" + Marker + @")|(todo|tbd)(?=\s{0,3}:))"
        + @"|\blorem ipsum\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        NoTimeLimit)]
    private static partial Regex Placeholders();
}
