using System.Text.RegularExpressions;

namespace LeoPS.Readiness;

/// <summary>An entry of deliverables_manifest: finished, unless it says that it is not.</summary>
internal static partial class Deliverable
{
    private const string Mark = "(todo|to[ -]do|tbd|tba|wip|open|pending|missing|outstanding|incomplete|unfinished|partial|blocked|deferred|planned|in progress|work in progress|not (yet )?(done|started|delivered|finished|implemented|complete)|to be done)";

    /// <summary>
    /// True for null, blanks and stock phrases, for what a template left, and for an entry marked as open: an empty check box or a
    /// cross before it, a word such as TODO or pending before it with a colon, dash or brackets, or after it in brackets or behind a dash or colon.
    /// </summary>
    public static bool IsOpen(string? entry)
    {
        if (Boilerplate.SaysNothing(entry))
        {
            return true;
        }

        string text = Prose.OneLine(entry);
        return Before().IsMatch(text) || After().IsMatch(text) || Boilerplate.Placeholder(text) is not null;
    }

    [GeneratedRegex(
        @"^([-*+•]\s|[0-9]{1,3}[.)]\s)?(\[\s?\]|☐|◻|⬜|❌|✗|✘|⏳|🚧|[\[(]" + Mark + @"[\])]|" + Mark + @"\s?[:–—]|" + Mark + @"\s-\s|(?-i:TODO|TBD|WIP)\s)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        -1)]
    private static partial Regex Before();

    [GeneratedRegex(@"(\s?[\[(]" + Mark + @"[\])]|\s[-–—]\s" + Mark + "|:\\s" + Mark + @"|\s(❌|☐|⏳|🚧))[.!]?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, -1)]
    private static partial Regex After();
}
