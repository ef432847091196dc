using static LeoPS.ReadinessElement;

namespace LeoPS.Readiness;

/// <summary>Key decisions, resource utilisation and action items, which have no column of their own: the notes tell.</summary>
internal static class NotesCheck
{
    public static IEnumerable<ReadinessFinding> Find(HandoffNotes notes, ReadinessElement element)
    {
        (string what, string example) = element switch
        {
            KeyDecisions => ("key decisions", "Decided: the public API stays as it is, because three clients depend on it."),
            ResourceUtilization => ("resource utilisation", "Used: 14 hours of EXEC, 120k tokens."),
            _ => ("action items", "Next: PLAN verifies the acceptance criteria."),
        };
        string remedy = $"Add a line to post_implementation_notes: '{example}'";
        IReadOnlyList<HandoffNotes.Section> sections = notes.About(element);
        if (notes.SayNothing)
        {
            yield return ReadinessFinding.Blocking(element, $"post_implementation_notes says nothing, and so nothing about {what}.", remedy);
        }
        else if (sections.Count == 0)
        {
            yield return ReadinessFinding.Warning(element, $"post_implementation_notes has no place for {what}.", remedy);
        }
        else if (sections.All(section => section.SaysNothing))
        {
            yield return ReadinessFinding.Warning(element, $"post_implementation_notes has a place for {what} and says nothing there.", remedy);
        }
        else if (sections.Select(section => section.Placeholder).FirstOrDefault(placeholder => placeholder is not null) is { } placeholder)
        {
            yield return ReadinessFinding.Warning(element, $"post_implementation_notes still has {Prose.Quote(placeholder)} under {what}.", "Write what should stand there, or take it out.");
        }
    }
}
