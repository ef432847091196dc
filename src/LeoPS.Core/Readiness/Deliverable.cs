using System.Text.RegularExpressions;

namespace LeoPS.Readiness;

/// <summary>An entry of deliverables_manifest: finished, unless it says that it is not.</summary>
internal static partial class Deliverable
{
    // Every repetition in the patterns is bounded, so that they need no time limit.
    private const int NoTimeLimit = -1;

    private const string Mark = "(todo|to[ -]do|tbd|tba|wip|open|pending|missing|outstanding|incomplete|unfinished|partial|blocked|deferred|planned|in progress"
        + "|work in progress|not (yet )?(done|started|delivered|finished|implemented|complete)|to be done)";

    private const string Signs = "❌|✗|✘|☐|◻|⬜|🔲|⏳|🚧";

    private const string State = "(pending|deferred|blocked)";

    // What an application shows or keeps: "pending items" of it are no work that is left.
    private const string Thing =
        "(items?|issues?|tickets?|queues?|lists?|states?|status|statuses|badges?|counts?|counters?|views?|tabs?|pages?|filters?|requests?|users?|accounts?"
        + "|orders?|payments?|jobs?|runs?|messages?|records?|rows?|invitations?|notifications?|transactions?|uploads?|events?|hosts?|domains?|ips?)";

    private const string DeferredThing = "(" + Thing + "|constraints?|triggers?|loading|rendering|execution|updates?|writes?|features?|sds?)";

    private const string Undone = "(applied|done|started|finished|implemented|completed?|deployed|merged|executed|migrated)";

    /// <summary>
    /// True for null, blanks and stock phrases, for what a template left, and for an entry that says anywhere that it is pending, deferred,
    /// blocked or not applied, has a cross or an empty check box, or is marked by a word such as TODO at its beginning or end.
    /// </summary>
    public static bool IsOpen(string? entry)
    {
        if (Boilerplate.SaysNothing(entry))
        {
            return true;
        }

        string text = Prose.OneLine(entry);
        if (Boilerplate.Placeholder(text) is not null)
        {
            return true;
        }

        string now = Now(text);
        return Before().IsMatch(now) || After().IsMatch(now) || Anywhere().IsMatch(now);
    }

    /// <summary>True for the name of a part of a manifest whose entries are all unfinished, such as "Deferred work".</summary>
    public static bool IsOpenPart(string name) => OpenPart().IsMatch(Prose.Words(name)) || Anywhere().IsMatch(Now(name));

    /// <summary>Of "pending → done" what it came to, and of "no pending items" nothing.</summary>
    private static string Now(string text) => Denied().Replace(Passed().Replace(text, " "), " ");

    [GeneratedRegex(
        @"^([-*+•]\s|[0-9]{1,3}[.)]\s)?(\[\s?\]|" + Signs + @"|[\[(]" + Mark + @"[\])]|" + Mark + @"\s?[:–—]|" + Mark + @"\s-\s|(?-i:" + Boilerplate.Marker + @"|WIP)\s)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        NoTimeLimit)]
    private static partial Regex Before();

    [GeneratedRegex(
        @"(\s?[\[(]" + Mark + @"[\])]|\s[-–—]\s" + Mark + "|:\\s" + Mark + @")[.!]?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        NoTimeLimit)]
    private static partial Regex After();

    /// <summary>A sign of unfinished work, a state that is no part of a name and describes no thing, or what was not done.</summary>
    [GeneratedRegex(
        "(" + Signs + @")|(?<![\w/.""'`-])((pending|blocked)(?!\s{1,3}" + Thing + @"\b(?!\s{0,3}[:)]))|deferred(?!\s{1,3}" + DeferredThing + @"\b(?!\s{0,3}[:)])))(?![\w/""'`-]|\.\w)"
        + @"|(?<![\w.])[1-9][0-9]{0,3}\s" + State + @"\b"
        + @"|\bnot (yet )?(been )?(fully )?" + Undone + @"\b|\bnot yet [\p{L}]|(\b(but|and)|[,(–—-])\s?not (run|tested|verified|created|written|delivered)\b"
        + @"|\b(is|are|was|were|has|have)n['’]t (yet )?(been )?" + Undone + @"\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        NoTimeLimit)]
    private static partial Regex Anywhere();

    /// <summary>"no pending items", "nothing deferred", "no longer blocked", "blocked: none", "deferred work: 0", "draft, pending, approved".</summary>
    [GeneratedRegex(
        @"\b(no|zero|0|none|nothing|without|neither|previously|formerly|originally)\s([\p{L}-]{1,20}\s){0,2}" + State + @"\b"
        + @"|\b(not|never)\s" + State + @"\b"
        + @"|\b" + State + @"(\s[\p{L}-]{1,20}){0,2}\s{0,3}[:=]\s{0,3}(none|no|nothing|0|n/a|false|-)(?![\p{L}\p{N}])"
        + @"|\b" + State + @"\s{0,3}[,|/]\s{0,3}((or|and)\s)?(approved|accepted|rejected|published|completed|failed|active|archived|running|resolved|cancelled|sent)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        NoTimeLimit)]
    private static partial Regex Denied();

    /// <summary>What stands before an arrow.</summary>
    [GeneratedRegex(@"[^\s(\[:,;]{1,60}\s{0,3}(→|⇒|->|=>)\s{0,3}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, NoTimeLimit)]
    private static partial Regex Passed();

    [GeneratedRegex(
        "^((not|un) ?(delivered|finished|done|complete|completed|applied)|incomplete|missing|outstanding|remaining|to ?do|open|pending|deferred|blocked|in progress|planned)"
        + "( (deliverables?|items?|work|tasks?|entries|scope|files?|migrations?|tests?)){0,2}( [0-9]{1,4})?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        NoTimeLimit)]
    private static partial Regex OpenPart();
}
