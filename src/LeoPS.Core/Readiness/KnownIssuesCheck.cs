using static LeoPS.ReadinessElement;

namespace LeoPS.Readiness;

/// <summary>Known issues and risks: at least one is named, or it is said what was looked at.</summary>
internal static class KnownIssuesCheck
{
    private const string Remedy = "Name the issues and risks you know of; where there is none, say what was tried: 'Tried in Safari 16 and Firefox 120: no difference'.";

    public static IEnumerable<ReadinessFinding> Find(TextArray? issues)
    {
        if (issues is null)
        {
            yield return ReadinessFinding.Blocking(KnownIssues, "known_issues is not filled in.", Remedy);
            yield break;
        }

        string[] said = [.. issues.OfType<string>().Where(issue => !string.IsNullOrWhiteSpace(issue))];
        if (said.Length == 0)
        {
            yield return ReadinessFinding.Warning(KnownIssues, "known_issues is empty.", Remedy);
        }
        else if (said.All(Boilerplate.SaysNothing))
        {
            yield return ReadinessFinding.Warning(KnownIssues, $"known_issues says only {Prose.Quote(said[0])}.", Remedy);
        }
        else if (said.Select(Boilerplate.Placeholder).OfType<string>().FirstOrDefault() is { } placeholder)
        {
            yield return ReadinessFinding.Warning(KnownIssues, $"known_issues still has {Prose.Quote(placeholder)} in it.", "Write what should stand there, or take it out.");
        }
    }
}
