using static LeoPS.ReadinessElement;

namespace LeoPS.Readiness;

/// <summary>The executive summary: long enough, in words of its own, with nothing left of a template.</summary>
internal static class SummaryCheck
{
    /// <summary>Words with which a title is repeated and nothing is said.</summary>
    private static readonly HashSet<string> _fillers = new(StringComparer.Ordinal)
    {
        "the", "a", "an", "of", "and", "for", "to", "in", "on", "with", "is", "are", "was", "were", "be", "been", "has", "have", "this", "that", "it", "its", "all",
        "complete", "completed", "completion", "done", "finished", "implemented", "implementation", "implementing", "implements", "delivered", "ready", "fully",
        "successfully", "sd", "directive", "strategic", "handoff", "work", "summary",
    };

    public static IEnumerable<ReadinessFinding> Find(HandoffPreparation handoff, ReadinessRules rules)
    {
        string text = Prose.OneLine(handoff.ImplementationSummary);
        string remedy = $"Say in {rules.MinimumSummaryLength} characters or more what was built, what it does now, and how that was checked.";
        if (Boilerplate.SaysNothing(text))
        {
            string what = text.Length == 0 ? "is empty" : $"says only {Prose.Quote(text)}";
            yield return ReadinessFinding.Blocking(ExecutiveSummary, $"implementation_summary {what}.", remedy);
            yield break;
        }

        if (handoff.SdTitle is { } title && Repeats(text, $"{title} {handoff.SdKey} {handoff.SdId}"))
        {
            yield return ReadinessFinding.Blocking(ExecutiveSummary, "implementation_summary only repeats the title of the directive.", remedy);
        }

        int length = Prose.OneLine(Boilerplate.Without(text)).EnumerateRunes().Count();
        string? placeholder = Boilerplate.Placeholder(text);
        if (length < rules.MinimumSummaryLength)
        {
            string beside = placeholder is null ? "" : " beside what a template left";
            yield return ReadinessFinding.Blocking(ExecutiveSummary, $"implementation_summary has {length} characters{beside}; {rules.MinimumSummaryLength} are asked for.", remedy);
        }

        if (placeholder is not null)
        {
            yield return ReadinessFinding.Warning(ExecutiveSummary, $"implementation_summary still has {Prose.Quote(placeholder)} in it.", "Write what should stand there, or take it out.");
        }
    }

    /// <summary>True where the summary has no word of its own.</summary>
    private static bool Repeats(string summary, string title)
    {
        var known = new HashSet<string>(Prose.Words(title).Split(' '), StringComparer.Ordinal);
        return Prose.Words(summary).Split(' ').All(word => known.Contains(word) || _fillers.Contains(word));
    }
}
