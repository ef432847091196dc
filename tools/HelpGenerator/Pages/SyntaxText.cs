using LeoPS.HelpGenerator.Metadata;

namespace LeoPS.HelpGenerator.Pages;

/// <summary>The syntax of a cmdlet as pages show it.</summary>
public static class SyntaxText
{
    private const int Width = 110;

    /// <summary>The sections under SYNTAX: one per parameter set, with its name where there are several.</summary>
    public static IReadOnlyList<MarkdownSection> Sections(CmdletMetadata cmdlet)
    {
        ArgumentNullException.ThrowIfNull(cmdlet);
        IReadOnlyList<string> sets = cmdlet.Sets;
        return sets is [CmdletMetadata.AllSets]
            ? [new MarkdownSection(2, "SYNTAX", ["", .. Fenced(cmdlet, sets[0]), ""])]
            :
            [
                new MarkdownSection(2, "SYNTAX", [""]),
                .. sets.Select(set => new MarkdownSection(
                    3,
                    set == cmdlet.DefaultSet ? $"{set} (Default)" : set,
                    [.. Fenced(cmdlet, set), ""])),
            ];
    }

    /// <summary>One parameter of one set, in brackets where it may be left out.</summary>
    public static string Parameter(ParameterMetadata parameter, ParameterUse use)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(use);
        string name = use.Position is null || parameter.IsSwitch ? $"-{parameter.Name}" : $"[-{parameter.Name}]";
        string text = parameter.IsSwitch ? name : $"{name} <{parameter.TypeName}>";
        return use.Mandatory ? text : $"[{text}]";
    }

    private static IEnumerable<string> Fenced(CmdletMetadata cmdlet, string set)
    {
        yield return "```";
        string line = cmdlet.Name;
        foreach (string word in cmdlet.ParametersOf(set)
            .Select(parameter => Parameter(parameter, parameter.UseIn(set)!))
            .Append("[<CommonParameters>]"))
        {
            if (line.Length + 1 + word.Length > Width)
            {
                yield return line;
                line = string.Empty;
            }

            line += " " + word;
        }

        yield return line;
        yield return "```";
    }
}
