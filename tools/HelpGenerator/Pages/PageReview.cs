using System.Text.RegularExpressions;
using LeoPS.HelpGenerator.Metadata;

namespace LeoPS.HelpGenerator.Pages;

/// <summary>What a page still lacks.</summary>
public static partial class PageReview
{
    private const int Examples = 2;

    /// <summary>One sentence per complaint; empty for a finished page.</summary>
    public static IReadOnlyList<string> Complaints(HelpPage page, CmdletMetadata cmdlet)
    {
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(cmdlet);
        return All(page, cmdlet).Select(complaint => $"{cmdlet.Name}: {complaint}").ToList();
    }

    private static IEnumerable<string> All(HelpPage page, CmdletMetadata cmdlet)
    {
        if (page.Name != cmdlet.Name)
        {
            yield return $"the heading is '{page.Name}'.";
        }

        if (TodoPattern().IsMatch(page.Document.ToString()))
        {
            yield return "the page holds a TODO.";
        }

        if (page.Synopsis.Count == 0)
        {
            yield return "SYNOPSIS has no text.";
        }

        if (page.Description.Count == 0)
        {
            yield return "DESCRIPTION has no text.";
        }

        if (page.Examples.Count < Examples)
        {
            yield return $"EXAMPLES has {page.Examples.Count} examples, {Examples} are needed.";
        }

        foreach (HelpExample example in page.Examples.Where(example => example.Code.Length == 0))
        {
            yield return $"'{example.Title}' has no powershell block.";
        }

        foreach (string name in cmdlet.Parameters.Select(parameter => parameter.Name).Where(name => page.Parameter(name) is null or { Text.Count: 0 }))
        {
            yield return $"-{name} has no text.";
        }

        foreach (string name in page.Parameters.Select(parameter => parameter.Name).Where(name => cmdlet.Parameters.All(known => known.Name != name)))
        {
            yield return $"-{name} is described, and the cmdlet has no such parameter.";
        }

        foreach (string name in page.Parameters.GroupBy(parameter => parameter.Name).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            yield return $"-{name} is described twice.";
        }

        if (page.Inputs.Count == 0)
        {
            yield return "INPUTS has no heading; write ### None where nothing is taken.";
        }

        foreach (string type in cmdlet.OutputTypes.Where(type => page.Outputs.All(output => output.Name != type)))
        {
            yield return $"OUTPUTS does not name {type}.";
        }
    }

    // A word of its own in capitals: a TODO that was left, not a text about to-do lists.
    [GeneratedRegex(@"\bTODO\b", RegexOptions.None, 1000)]
    private static partial Regex TodoPattern();
}
